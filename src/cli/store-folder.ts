import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isUrl, showLocation } from "../batch/index.js";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { STORE_FILE } from "../store/index.js";

/** What may be in a folder before a store is: what a run leaves that ended at once, hidden files, a new disk's own. */
const NO_CONTENT = /^(?:batch\.lock.*|\..*|lost\+found)$/;

/**
 * Makes the folder of a store where it is not there yet.
 *
 * @throws UsageError for a URL, for a file, for a folder of something else, and where the system refuses; nothing was
 * begun then
 */
export function makeStoreFolder(folder: string): void {
  if (isUrl(folder))
    throw new UsageError(
      "--store",
      `${showLocation(folder)} is a URL, and a store is written into a folder`,
      "Into a bucket workers write: bycatch batch … --queue …, and bycatch worker --store s3://….",
    );
  try {
    makeFolder(folder);
    if (isOfSomethingElse(folder))
      throw new UsageError(
        "--store",
        `${folder} is no store and not empty: it has no ${STORE_FILE}`,
        `Name a new or an empty folder, as ${join(folder, "store")}. Nothing was begun.`,
      );
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code, syscall } = error;
    const what = `${folder} cannot be used (${code}${syscall === undefined ? "" : `, ${syscall}`})`;
    throw new UsageError("--store", what, "Name a folder that can be written. Nothing was begun.", {
      cause: error,
    });
  }
}

/** One level after the other: Node's own recursion never ends where the system makes no folder, as in /proc. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  let path = resolve(folder);
  for (let kind = kindOf(path); kind !== "folder"; kind = kindOf(path)) {
    if (kind === "file")
      throw new UsageError(
        "--store",
        `${missing.length === 0 ? folder : path} is a file, and no folder`,
        "Name a folder. Nothing was begun.",
      );
    missing.push(path);
    path = dirname(path);
  }
  for (const level of missing.reverse()) {
    try {
      mkdirSync(level);
    } catch (error) {
      // Another worker may have made it.
      if (kindOf(level) !== "folder") throw error;
    }
  }
}

function kindOf(path: string): "folder" | "file" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

function isOfSomethingElse(folder: string): boolean {
  const names = readdirSync(folder);
  if (names.includes(STORE_FILE) || names.every((name) => NO_CONTENT.test(name))) return false;
  // Another worker may have begun the store meanwhile.
  return !existsSync(join(folder, STORE_FILE));
}
