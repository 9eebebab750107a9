/** A database, entered as an address or by its parts. */

import { useState } from "preact/hooks";
import { isHidden, isKept, shownText } from "../answers";
import { type DatabaseParts, emptyParts, readDatabase, writeDatabase } from "../database-address";
import { Below, described, type FieldProps, Help, Label } from "./field";
import { maskedIf } from "./masked";
import { KEPT_IN } from "./secret-field";
import { usePaste } from "./use-paste";

export function DatabaseField(props: FieldProps) {
  const { id, field, draft, mistake, store, onAnswer, onLeave } = props;
  const [parts, setParts] = useState<DatabaseParts | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const paste = usePaste(onAnswer);
  const address = shownText(field, draft);
  const kept = isKept(field, draft);

  const toggle = () => {
    const read = address.trim() === "" ? emptyParts(field.placeholder) : readDatabase(address);
    setTrouble(
      parts === null && read === null
        ? "This address cannot be split into its parts. Clear it to enter them."
        : null,
    );
    setParts(parts === null ? read : null);
  };
  const answer = (changed: Partial<DatabaseParts>) => {
    if (parts === null) return;
    const whole = { ...parts, ...changed };
    setParts(whole);
    onAnswer(writeDatabase(whole));
  };

  const notes = [
    kept ? "Already set. Leave empty to keep it." : null,
    isHidden(field) ? KEPT_IN[store] : null,
    trouble,
    paste.note,
  ];
  return (
    <fieldset class="field database">
      <legend>
        <Label field={field} />
      </legend>
      <Help id={id} field={field} />
      {parts === null ? (
        <input
          id={id}
          class="key"
          type="text"
          inputMode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-label={`${field.label}: address`}
          placeholder={kept ? "" : (field.placeholder ?? "postgresql://user:password@host/name")}
          value={address}
          onInput={(event) => {
            paste.forget();
            setTrouble(null);
            onAnswer(event.currentTarget.value);
          }}
          onPaste={paste.onPaste}
          onBlur={onLeave}
          {...described(id, field, mistake)}
        />
      ) : (
        <Parts {...props} parts={parts} onPart={answer} />
      )}
      <Below id={id} mistake={mistake} notes={notes} />
      <button type="button" class="quiet in-line" onClick={toggle}>
        {parts === null ? "Enter the parts" : "Enter the address"}
      </button>
    </fieldset>
  );
}

type PartsProps = FieldProps & {
  parts: DatabaseParts;
  onPart: (changed: Partial<DatabaseParts>) => void;
};

function Parts({ id, field, mistake, parts, onPart, onLeave }: PartsProps) {
  const attributes = described(id, field, mistake);
  const part = (name: keyof DatabaseParts, label: string, placeholder = "") => (
    <label class={name}>
      <span>{label}</span>
      <input
        id={name === "host" ? id : `${id}-${name}`}
        {...maskedIf(name === "password")}
        inputMode={name === "port" ? "numeric" : "text"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={placeholder}
        value={parts[name]}
        onInput={(event) => onPart({ [name]: event.currentTarget.value })}
        onBlur={name === "password" ? onLeave : () => {}}
        {...(name === "host" ? attributes : {})}
      />
    </label>
  );
  return (
    <div class="parts">
      {part("host", "Host", "localhost")}
      {part("port", "Port", "5432")}
      {part("name", "Database name")}
      {part("user", "User")}
      {part("password", "Password")}
    </div>
  );
}
