import { resolve, sep } from "node:path";

/** What rows call a file that was named or listed itself: its path as it was given, with `/`. */
export function nameListed(path: string): string {
  return splitPath(path).join("/");
}

/**
 * What stands before the names of apps that were found in folders, by the folder as it was given. Of a single one it is
 * nothing. Of several it is the end of the folder's path, as short as tells it from the others: what is below them would
 * not say in which. It depends on the paths alone, not on the machine or the working folder.
 */
export function nameFolders(folders: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string[]>();
  for (const folder of folders) {
    const real = resolve(folder);
    if (!paths.has(real)) paths.set(real, splitPath(folder));
  }
  const all = [...paths.values()];
  const nameOf = (own: readonly string[]) => {
    if (all.length === 1) return "";
    const lengths = Array.from({ length: own.length }, (_, index) => index + 1);
    const length = lengths.find((count) => all.filter((path) => endsAlike(path, own, count)).length === 1);
    return `${own.slice(-(length ?? own.length)).join("/")}/`;
  };
  return new Map(folders.map((folder) => [folder, nameOf(paths.get(resolve(folder))!)]));
}

function endsAlike(path: readonly string[], other: readonly string[], count: number): boolean {
  return path.length >= count && path.slice(-count).join("/") === other.slice(-count).join("/");
}

/** The parts of a path, without those that say nothing; an absolute one begins with an empty part, and `.` is itself. */
function splitPath(path: string): string[] {
  const parts = path.split(sep).filter((part, index) => (part === "" ? index === 0 : part !== "."));
  return parts.length === 0 ? ["."] : parts;
}
