/** The type of an input whose text can be hidden; as an object, because each type has its own attributes. */
export function maskedIf(hidden: boolean): { type: "password" } | { type: "text" } {
  return hidden ? { type: "password" } : { type: "text" };
}
