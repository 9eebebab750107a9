/** A field with its label, help and mistake. */

import type { ComponentChildren } from "preact";
import type { SetupBridge } from "../../bridge";
import type { AnswerValue, FieldDescription, SecretStoreKind } from "../../protocol";
import type { Draft } from "../answers";
import { ChoiceField } from "./choice-field";
import { DatabaseField } from "./database-field";
import { PathField } from "./path-field";
import { SecretField } from "./secret-field";
import { SwitchField } from "./switch-field";
import { TextField } from "./text-field";

export type FieldProps = {
  /** Unique on the page; what describes the field is named after it. */
  id: string;
  field: FieldDescription;
  draft: Draft;
  mistake: string | null;
  store: SecretStoreKind;
  pick: SetupBridge["pick"];
  onAnswer: (value: AnswerValue) => void;
  /** Removes the saved secret. */
  onRemove: () => void;
  /** Called when the field loses the focus. */
  onLeave: () => void;
};

export function AnyField(props: FieldProps) {
  switch (props.field.type) {
    case "secret":
      return <SecretField {...props} />;
    case "choice":
      return <ChoiceField {...props} />;
    case "switch":
      return <SwitchField {...props} />;
    case "file":
    case "folder":
      return <PathField {...props} />;
    case "database":
      return <DatabaseField {...props} />;
    default:
      return <TextField {...props} />;
  }
}

type FrameProps = {
  id: string;
  field: FieldDescription;
  mistake: string | null;
  /** Shown below the control: where a secret is kept, what a paste removed. */
  notes?: (string | null)[];
  children: ComponentChildren;
};

export function Frame({ id, field, mistake, notes = [], children }: FrameProps) {
  return (
    <div class="field">
      <label for={id}>
        <Label field={field} />
      </label>
      <Help id={id} field={field} />
      {children}
      <Below id={id} mistake={mistake} notes={notes} />
    </div>
  );
}

export function Label({ field }: { field: FieldDescription }) {
  return (
    <>
      {field.label}
      {field.required && field.type !== "switch" && (
        <span class="required" aria-hidden="true">
          {" *"}
        </span>
      )}
    </>
  );
}

export function Help({ id, field }: { id: string; field: FieldDescription }) {
  if (field.help === null) return null;
  return (
    <p class="help" id={`${id}-help`}>
      {field.help}
    </p>
  );
}

/** Rendered while empty as well, so that screen readers announce what comes into it. */
export function Below({ id, mistake, notes }: Pick<FrameProps, "id" | "mistake" | "notes">) {
  return (
    <>
      <p class="note" id={`${id}-note`} aria-live="polite">
        {notes?.filter((note) => note !== null).join(" ")}
      </p>
      <p class="mistake" id={`${id}-mistake`} aria-live="polite">
        {mistake}
      </p>
    </>
  );
}

/** Returns the ARIA attributes of a field's control. */
export function described(id: string, field: FieldDescription, mistake: string | null) {
  const parts = [field.help !== null && "help", "note", mistake !== null && "mistake"];
  return {
    "aria-describedby": parts
      .filter((part) => part !== false)
      .map((part) => `${id}-${part}`)
      .join(" "),
    "aria-invalid": mistake !== null,
    "aria-required": field.required,
  };
}
