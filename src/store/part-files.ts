import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import { syncFolder } from "./sync-folder.js";

/** Where the files of a store are: a folder, or a bucket's prefix. Paths have `/`, and begin at the store. */
export interface PartFiles {
  /** A file's bytes; `undefined` where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Paths of the files in a folder and in those below it, as {@link PartFiles.read} takes them, sorted. */
  list(folder: string): Promise<string[]>;
  /** Writes a file whole or not at all, in the place of one of that name; it is durable when the promise is kept. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

/** Name of a part's file in a table's folder: any other file was put there by someone else, and is none. */
export const PART_FILE = /^part-[0-9a-z-]{1,64}\.parquet$/;

/** How names of files begin that are being written: readers of Parquet folders pass over names with a dot before. */
const UNFINISHED = ".part-";

/** Files of that name that writers of other processes may have open, or left behind. */
const MOST_UNFINISHED = 1_000;

/** The files of a store in a folder of this machine, or one that several share. It is made when something is written. */
export function folderFiles(path: string): PartFiles {
  return {
    read: (name) => readIfThere(join(path, name)),
    list: (folder) => listFiles(path, folder),
    write: (name, bytes) => writeWhole(join(path, name), bytes),
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function listFiles(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith(UNFINISHED)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) found.push(...(await listFiles(root, path)));
      else if (entry.isFile()) found.push(path);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found.sort();
}

/** Beside its place under another name, to the disk, and then in its place. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const [handle, unfinished] = await openUnfinished(folder, basename(path));
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** A name of its own for each writer: two workers may be at the same part. */
async function openUnfinished(folder: string, name: string): Promise<[FileHandle, string]> {
  for (let number = 0; ; number++) {
    const path = join(folder, `${UNFINISHED}${name}.${number}.tmp`);
    try {
      return [await open(path, "wx"), path];
    } catch (error) {
      if (!isSystemError(error, "EEXIST") || number >= MOST_UNFINISHED) throw error;
    }
  }
}

function isMissing(error: unknown): boolean {
  return isSystemError(error, "ENOENT", "ENOTDIR");
}
