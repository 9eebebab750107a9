/** Splits a database's address into its parts, and joins them again. */

export type DatabaseParts = {
  scheme: string;
  host: string;
  port: string;
  name: string;
  user: string;
  password: string;
  /** What follows the name: `?sslmode=require`. */
  options: string;
};

const EMPTY: DatabaseParts = {
  scheme: "postgresql",
  host: "",
  port: "",
  name: "",
  user: "",
  password: "",
  options: "",
};

const ADDRESS =
  /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:(?<user>[^:@/?#\s]*)(?::(?<password>[^@/?#\s]*))?@)?(?<host>\[[0-9a-f:.]+\]|[^:@/?#\s[\]]+)(?::(?<port>\d{1,5}))?(?:\/(?<name>[^/?#\s]*))?(?<options>\?[^#\s]*)?$/i;

/** Returns the parts of an address, or null when it cannot be split without loss. */
export function readDatabase(address: string): DatabaseParts | null {
  const found = ADDRESS.exec(address.trim())?.groups;
  if (found === undefined) return null;
  try {
    return {
      scheme: found.scheme ?? EMPTY.scheme,
      host: (found.host ?? "").replace(/^\[|\]$/g, ""),
      port: found.port ?? "",
      name: decodeURIComponent(found.name ?? ""),
      user: decodeURIComponent(found.user ?? ""),
      password: decodeURIComponent(found.password ?? ""),
      options: found.options ?? "",
    };
  } catch {
    return null;
  }
}

/** Returns parts to begin with; the scheme comes from the placeholder. */
export function emptyParts(placeholder: string | null): DatabaseParts {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(placeholder ?? "")?.[1] ?? EMPTY.scheme;
  return { ...EMPTY, scheme };
}

/** Returns the address of these parts, or "" while there is no host. */
export function writeDatabase(parts: DatabaseParts): string {
  const host = parts.host.trim();
  if (host === "") return "";
  const port = parts.port.trim();
  const user = encode(parts.user.trim());
  const password = encode(parts.password);
  const login = password === "" ? user : `${user}:${password}`;
  return [
    `${parts.scheme}://`,
    login === "" ? "" : `${login}@`,
    host.includes(":") ? `[${host}]` : host,
    port === "" ? "" : `:${port}`,
    `/${encode(parts.name.trim())}`,
    parts.options,
  ].join("");
}

/** Also encodes what `encodeURIComponent` leaves, for strict parsers. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
