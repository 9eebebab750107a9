/** The request for a dialog of the operating system. */

/** The dialog returns a path, or null when it was cancelled. */
export type PickRequest = {
  /** A file to read, a folder, or a file to write. */
  kind: "file" | "folder" | "save";
  title: string;
  /** Without dots; an empty list allows any file. */
  extensions: string[];
  /** Where the dialog begins: a path, or a file name to save under. */
  suggested: string | null;
};
