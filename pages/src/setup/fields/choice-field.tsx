/** One of several options: radio buttons for few of them, a list for many. */

import { shownText } from "../answers";
import { Below, described, type FieldProps, Frame, Help, Label } from "./field";

const FEW = 5;

export function ChoiceField(props: FieldProps) {
  const { choices } = props.field;
  const few = choices.length <= FEW || choices.some((choice) => choice.help !== null);
  return few ? <Radios {...props} /> : <List {...props} />;
}

function Radios({ id, field, draft, mistake, onAnswer }: FieldProps) {
  const value = shownText(field, draft);
  return (
    <fieldset
      class="field"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: only a radiogroup may be required or invalid.
      role="radiogroup"
      aria-labelledby={`${id}-label`}
      {...described(id, field, mistake)}
    >
      <legend id={`${id}-label`}>
        <Label field={field} />
      </legend>
      <Help id={id} field={field} />
      {field.choices.map((choice, index) => (
        <label class="choice" key={choice.value}>
          <input
            // The first control is the one that gets the focus after a mistake.
            id={index === 0 ? id : `${id}-${index}`}
            type="radio"
            name={id}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onAnswer(choice.value)}
          />
          <span>
            {choice.label}
            {choice.help !== null && <small>{choice.help}</small>}
          </span>
        </label>
      ))}
      <Below id={id} mistake={mistake} notes={[]} />
    </fieldset>
  );
}

function List({ id, field, draft, mistake, onAnswer, onLeave }: FieldProps) {
  const value = shownText(field, draft);
  return (
    <Frame id={id} field={field} mistake={mistake}>
      <select
        id={id}
        value={value}
        onChange={(event) => onAnswer(event.currentTarget.value)}
        onBlur={onLeave}
        {...described(id, field, mistake)}
      >
        {(value === "" || !field.required) && (
          <option value="">{field.placeholder ?? (field.required ? "Choose…" : "None")}</option>
        )}
        {field.choices.map((choice) => (
          <option value={choice.value} key={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}
