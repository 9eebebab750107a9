/** The failure page: what happened, what to do, and what a developer would ask for. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Bridge } from "../bridge";
import { humanise } from "../names";
import type { AppIdentity, FailureReport } from "../protocol";
import { AppIcon } from "./app-icon";
import { copyText } from "./copy";
import { plainLine } from "./plain-line";

/** How long a button shows that it worked. */
const ANSWER_MS = 2_000;

type Props = { app: AppIdentity; failure: FailureReport; bridge: Bridge };

export function FailurePage({ app, failure, bridge }: Props) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const first = useRef<HTMLButtonElement>(null);

  useLayoutEffect(() => first.current?.focus({ preventScroll: true }), []);

  const ask = async (action: () => Promise<void>, otherwise: string) => {
    setTrouble(null);
    try {
      await action();
    } catch (error) {
      console.error(error);
      setTrouble(otherwise);
    }
  };
  const retry = async () => {
    if (busy) return;
    setBusy(true);
    await ask(bridge.retry, "Trying again did not work. Quit the app and open it again.");
    setBusy(false);
  };

  return (
    <main class="failure">
      <header>
        <AppIcon app={app} />
        <div role="alert">
          <h1>{failure.title}</h1>
          <p class="message">{failure.message}</p>
        </div>
      </header>
      {failure.advice.length > 0 && (
        <section>
          <h2>What you can do</h2>
          <ul class="advice">
            {failure.advice.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
      <div class="actions">
        <button
          type="button"
          class="primary"
          ref={first}
          aria-disabled={busy}
          onClick={() => void retry()}
        >
          {busy ? "Trying again…" : "Try again"}
        </button>
        <button
          type="button"
          onClick={() => void ask(bridge.openLogs, "The folder with the logs could not be opened.")}
        >
          Open logs
        </button>
        <CopyButton text={failure.details} onTrouble={setTrouble} />
        <button
          type="button"
          class="last"
          onClick={() => void ask(bridge.quit, "The app could not quit.")}
        >
          Quit
        </button>
      </div>
      <p class="trouble" role="status">
        {trouble}
      </p>
      <Output failure={failure} />
    </main>
  );
}

function CopyButton({
  text,
  onTrouble,
}: {
  text: string;
  onTrouble: (trouble: string | null) => void;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), ANSWER_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    const done = await copyText(text);
    setCopied(done);
    onTrouble(done ? null : "The details could not be copied. You can also find them in the log.");
  };

  return (
    <button type="button" class="copy" onClick={() => void copy()}>
      <span aria-live="polite">{copied ? "Copied" : "Copy details"}</span>
    </button>
  );
}

function Output({ failure }: { failure: FailureReport }) {
  const block = useRef<HTMLPreElement>(null);
  const showEnd = () => {
    if (!block.current) return;
    block.current.scrollTop = block.current.scrollHeight;
    block.current.scrollIntoView({ block: "nearest" });
  };
  const source = failure.service === null ? "" : ` of ${humanise(failure.service)}`;

  return (
    <footer>
      {failure.output.length > 0 && (
        <details onToggle={showEnd}>
          <summary>Last output{source}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard. */}
          <pre class="output" ref={block} tabIndex={0}>
            {failure.output.map(plainLine).join("\n")}
          </pre>
        </details>
      )}
      {failure.log !== null && (
        <p class="log">
          Log file: <span>{failure.log}</span>
        </p>
      )}
    </footer>
  );
}
