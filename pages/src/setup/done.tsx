/** Set-up's last page. */

import type { SetupDescription } from "../protocol";
import { Paragraphs } from "./page-fields";
import { PageFrame } from "./page-frame";

type Props = { description: SetupDescription; onOpen: () => void };

export function DonePage({ description: { app, done }, onOpen }: Props) {
  return (
    <PageFrame app={app} title={done.title} greeting>
      <div class="fields">
        <Paragraphs text={done.text} />
      </div>
      <div class="bottom">
        <div class="actions">
          <button type="button" class="primary" onClick={onOpen}>
            Open {app.name}
          </button>
        </div>
      </div>
    </PageFrame>
  );
}
