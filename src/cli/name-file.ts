import { basename, isAbsolute, relative, sep } from "node:path";

/**
 * A file of the user's as outputs name it, in which no path of the machine stands: as it was named; one that was named
 * by an absolute path from the working folder, or by its name alone where it lies elsewhere.
 */
export function nameFile(path: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(process.cwd(), path);
  const isElsewhere = inside === "" || inside.split(sep)[0] === ".." || isAbsolute(inside);
  return isElsewhere ? basename(path) : inside;
}
