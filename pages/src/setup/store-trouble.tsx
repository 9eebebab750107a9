/** What to do when secrets cannot be stored. */

import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppIdentity, SecretStore, StoreChoice, StoreTrouble } from "../protocol";
import { StatusLine } from "./page-fields";
import { PageFrame } from "./page-frame";
import { mistakeInPassphrase, NewPassphrase, NO_PASSPHRASE } from "./passphrase";
import { FAILED, perform, usePending } from "./requests";
import type { Message } from "./use-page";

/** How often to check whether the keychain was unlocked elsewhere. */
const LOOK_MS = 1000;

type Props = {
  bridge: SetupBridge;
  store: SecretStore;
  trouble: StoreTrouble;
  /** Called after a choice, and to check whether the trouble is over. */
  onSettled: () => Promise<void>;
};

export function TroublePage({ app, ...props }: Props & { app: AppIdentity }) {
  return (
    <PageFrame app={app} title={props.trouble.title}>
      <div class="fields">
        <TroubleChoices {...props} />
      </div>
    </PageFrame>
  );
}

const WORDS: Record<StoreChoice, { label: string; help: string }> = {
  retry: { label: "Try again", help: "Your system may ask you to unlock your keychain." },
  file: {
    label: "Use an encrypted file",
    help: "Only you can open it, on this computer. There is nothing to remember.",
  },
  passphrase: {
    label: "Use a passphrase",
    help: "You enter it each time the app starts. If you forget it, nobody can recover it.",
  },
};

export function TroubleChoices({ bridge, store, trouble, onSettled }: Props) {
  const [asking, setAsking] = useState(false);
  const [message, setMessage] = useState<Message | null>(null);
  const { busy, wait, stop } = usePending();
  const unlocks = store.kind === "passphrase";

  // The keychain may be unlocked in the system's own dialog.
  useEffect(() => {
    if (busy !== null) return;
    const timer = setInterval(() => void onSettled(), LOOK_MS);
    return () => clearInterval(timer);
  }, [busy, onSettled]);

  const choose = async (choice: StoreChoice, passphrase?: string) => {
    if (busy !== null) return;
    setMessage(null);
    const more = passphrase === undefined ? {} : { passphrase };
    const outcome = await wait(choice, () => perform(bridge, { op: "store", choice, ...more }));
    if (outcome === null) return;
    if (outcome.ok) return onSettled();
    const text = outcome.message || Object.values(outcome.fields)[0] || FAILED;
    setMessage({ good: false, text });
  };

  const statusLine = (
    <StatusLine message={message} busy={busy === null ? null : "One moment…"} onStop={stop} />
  );
  if (trouble.choices.length === 1 && trouble.choices[0] === "passphrase") {
    return (
      <>
        <p class="text">{trouble.message}</p>
        {statusLine}
        <PassphraseForm
          unlocks={unlocks}
          onUse={(passphrase) => void choose("passphrase", passphrase)}
        />
      </>
    );
  }
  return (
    <>
      <p class="text">{trouble.message}</p>
      <ul class="choices">
        {trouble.choices.map((choice) => (
          <li key={choice}>
            <button
              type="button"
              class={choice === trouble.choices[0] ? "primary" : ""}
              aria-disabled={busy !== null}
              aria-describedby={`store-${choice}`}
              {...(choice === "passphrase" ? { "aria-expanded": asking } : {})}
              onClick={() => (choice === "passphrase" ? setAsking(!asking) : void choose(choice))}
            >
              {choice === "passphrase" && unlocks ? "Enter your passphrase" : WORDS[choice].label}
            </button>
            <p class="help" id={`store-${choice}`}>
              {choice === "passphrase" && unlocks
                ? "The one you chose when you set up the app."
                : WORDS[choice].help}
            </p>
            {choice === "passphrase" && asking && (
              <PassphraseForm
                opened
                unlocks={unlocks}
                onUse={(passphrase) => void choose("passphrase", passphrase)}
              />
            )}
          </li>
        ))}
      </ul>
      {statusLine}
    </>
  );
}

type FormProps = {
  /** Whether the user has just opened it. */
  opened?: boolean;
  unlocks: boolean;
  onUse: (text: string) => void;
};

/** An existing passphrase is typed once, a new one twice. */
function PassphraseForm({ opened = false, unlocks, onUse }: FormProps) {
  const [value, setValue] = useState(NO_PASSPHRASE);
  const [mistake, setMistake] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (opened) document.getElementById("store-word")?.focus();
  }, [opened]);

  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = unlocks ? null : mistakeInPassphrase(value);
    setMistake(wrong);
    if (wrong === null && value.first !== "") return onUse(value.first);
    document.getElementById("store-word")?.focus();
  };

  return (
    <form class="panel" noValidate onSubmit={submit}>
      {unlocks ? (
        <div class="field">
          <label for="store-word">Passphrase</label>
          <input
            id="store-word"
            type="password"
            autocomplete="current-password"
            value={value.first}
            onInput={(event) => setValue({ ...NO_PASSPHRASE, first: event.currentTarget.value })}
          />
        </div>
      ) : (
        <NewPassphrase
          id="store-word"
          value={value}
          mistake={mistake}
          onChange={(changed) => {
            setMistake(null);
            setValue(changed);
          }}
        />
      )}
      <button type="submit" class="primary">
        {unlocks ? "Unlock" : "Use this passphrase"}
      </button>
    </form>
  );
}
