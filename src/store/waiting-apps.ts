import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import { CHUNK_FILE } from "./journal.js";
import { type JournalLines, listLines } from "./journal-lines.js";

/**
 * Apps that a run on this machine finished, and that are in no part yet: it is at work, or was killed.
 *
 * @param folder of the store
 * @param id of the evaluation
 * @returns SHA-256 of each one's file, once; `null` where that could not be read
 */
export function listWaiting(folder: string, id: string): (string | null)[] {
  const journal = join(folder, "journal", id);
  const known = new Set<string>();
  const unread: null[] = [];
  for (const name of listNames(journal).filter((one) => CHUNK_FILE.test(one))) {
    const { apps, begun } = readChunk(join(journal, name));
    const stored = new Set(
      begun
        .filter(({ part }) => existsSync(join(folder, `apps/evaluation=${id}/part-${part}.parquet`)))
        .flatMap(({ positions }) => positions),
    );
    for (const { app, position } of apps)
      if (stored.has(position)) continue;
      else if (app === null) unread.push(app);
      else known.add(app);
  }
  return [...known, ...unread];
}

function listNames(folder: string): string[] {
  return whereThere(() => readdirSync(folder)) ?? [];
}

/** A run at work takes a chunk away as soon as its parts are there. */
function readChunk(path: string): JournalLines {
  return whereThere(() => listLines(path)) ?? { apps: [], begun: [] };
}

function whereThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    return undefined;
  }
}
