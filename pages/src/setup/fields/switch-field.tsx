/** On or off. */

import { shown } from "../answers";
import { Below, described, type FieldProps, Help, Label } from "./field";

export function SwitchField({ id, field, draft, mistake, onAnswer }: FieldProps) {
  const { "aria-required": _, ...attributes } = described(id, field, mistake);
  return (
    <div class="field">
      <label class="switch" for={id}>
        <span>
          <Label field={field} />
        </span>
        <input
          id={id}
          type="checkbox"
          // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox says by itself whether it is checked.
          role="switch"
          checked={shown(field, draft) === true}
          onChange={(event) => onAnswer(event.currentTarget.checked)}
          {...attributes}
        />
      </label>
      <Help id={id} field={field} />
      <Below id={id} mistake={mistake} notes={[]} />
    </div>
  );
}
