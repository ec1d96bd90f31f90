import { buildPart, type Part } from "./build-part.js";
import { type JournalLines, listLines, type PlacedApp, readRows } from "./journal-lines.js";

/** What makes parts of a journal's files: it takes its time, and may be done in another thread. */
export interface PartBuilder {
  /** @param path of a chunk's file */
  listLines(path: string): Promise<JournalLines>;
  /** The part of some of a file's apps. */
  buildPart(path: string, apps: readonly PlacedApp[]): Promise<Part>;
}

/** In the thread that asks. */
export const partBuilder: PartBuilder = {
  listLines: async (path) => listLines(path),
  buildPart: (path, apps) => buildPart(readRows(path, apps)),
};
