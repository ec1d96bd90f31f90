/** A rule file's path and text. */
interface TextFile {
  readonly path: string;
  readonly text?: string;
}

/** `file:line` of the first line that has a text; the file where none has. */
export function placeInFile({ path, text = "" }: TextFile, wanted: string): string {
  const line = text.split("\n").findIndex((candidate) => candidate.includes(wanted));
  return line < 0 ? path : `${path}:${line + 1}`;
}
