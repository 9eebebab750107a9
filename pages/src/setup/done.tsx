/** The last page: all is ready. */

import { Page } from "./page";
import type { Description } from "./protocol";
import { Paragraphs } from "./step-fields";

type Props = { description: Description; onOpen: () => void };

export function DonePage({ description: { app, done }, onOpen }: Props) {
  return (
    <Page app={app} title={done?.title ?? `${app.name} is ready`} greeting>
      <div class="fields">{done !== null && <Paragraphs text={done.text} />}</div>
      <div class="bottom">
        <div class="actions">
          <button type="button" class="primary" onClick={onOpen}>
            Open {app.name}
          </button>
        </div>
      </div>
    </Page>
  );
}
