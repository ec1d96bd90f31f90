import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { InputFile } from "../store/index.js";

/**
 * A file as the system knows it; `undefined` where it does not, which whoever reads it tells better. To ask in a thread
 * takes several times as long as the answer.
 */
export function describeInput(path: string): InputFile | undefined {
  try {
    const { size, mtimeNs, ino } = statSync(path, { bigint: true });
    return { path: resolve(path), size: Number(size), mtimeNs, inode: ino };
  } catch {
    return undefined;
  }
}

/** Whether a file is still what it was: as far as the system tells, which is not before it can be read. */
export function isSame(before: InputFile | undefined, after: InputFile | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.inode === after.inode;
}

/** The last part of a name with `/`, which is what an audit calls the file. */
export function fileName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
