/** Modal dialogs. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

type DialogProps = {
  title: string;
  children: ComponentChildren;
  /** Called on Escape. */
  onCancel: () => void;
};

export function Dialog({ title, children, onCancel }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 class="sub" id={id}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}

type ConfirmProps = {
  title: string;
  text: string;
  confirm: string;
  cancel?: string;
  onConfirm: () => void;
  onCancel: () => void;
};

/** Asks for a confirmation. The button to cancel has the focus. */
export function Confirm(props: ConfirmProps) {
  const { title, text, confirm, cancel = "Cancel", onConfirm, onCancel } = props;
  const careful = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => careful.current?.focus(), []);
  return (
    <Dialog title={title} onCancel={onCancel}>
      <p class="text">{text}</p>
      <div class="actions closing">
        <span class="gap" />
        <button type="button" ref={careful} onClick={onCancel}>
          {cancel}
        </button>
        <button type="button" class="danger" onClick={onConfirm}>
          {confirm}
        </button>
      </div>
    </Dialog>
  );
}
