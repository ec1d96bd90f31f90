import { closeSync, openSync } from "node:fs";
import { findJson } from "./find-json.js";
import { readLine, readLines } from "./line-file.js";
import { type Rows, tableNames } from "./tables.js";

/** A line of a chunk's file: an app, or that apps are becoming a part. */
type Line = { readonly position: number; readonly app: string | null; readonly rows: Rows } | BegunPart;

/** That apps, by their positions, are becoming a part. */
export interface BegunPart {
  readonly part: string;
  readonly positions: readonly number[];
}

/** An app of a chunk, and where its line is: its rows are read again when they are needed. */
export interface PlacedApp {
  /** In the run's list. */
  readonly position: number;
  /** SHA-256 of its file; `null` where that could not be read. */
  readonly app: string | null;
  /** Of the line's first byte. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** What a chunk's file holds; a line that is not whole, or lacks a table, as an older bycatch wrote it, is passed over. */
export interface JournalLines {
  readonly apps: readonly PlacedApp[];
  readonly begun: readonly BegunPart[];
}

/** An app's line, without its end. */
export function renderApp(position: number, sha256: string | undefined, rowsJson: string): string {
  const head = JSON.stringify({ position, app: sha256 ?? null });
  return `${head.slice(0, -1)},"rows":${rowsJson}}`;
}

export function listLines(path: string): JournalLines {
  const apps: PlacedApp[] = [];
  const begun: BegunPart[] = [];
  withFile(path, (fd) => {
    for (const { text, offset, length } of readLines(fd)) {
      const line = parseLine(text);
      if (line === undefined) continue;
      if ("part" in line) begun.push(line);
      else apps.push({ position: line.position, app: line.app, offset, length });
    }
  });
  return { apps, begun };
}

/** The rows of apps that {@link listLines} found. */
export function readRows(path: string, apps: readonly PlacedApp[]): Rows[] {
  return withFile(path, (fd) =>
    apps.map(({ offset, length }) => {
      const line = parseLine(readLine(fd, offset, length).text);
      if (line === undefined || "part" in line) throw new Error("a journal changed while it was read");
      return line.rows;
    }),
  );
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, "r");
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function parseLine(text: string): Line | undefined {
  const line = findJson(text);
  return isLine(line) ? line : undefined;
}

function isLine(line: unknown): line is Line {
  if (typeof line !== "object" || line === null) return false;
  if ("part" in line)
    return typeof line.part === "string" && "positions" in line && Array.isArray(line.positions);
  if (!("position" in line && "app" in line && "rows" in line)) return false;
  const { position, app, rows } = line;
  const isRows = typeof rows === "object" && rows !== null;
  return (
    Number.isSafeInteger(position) &&
    (app === null || typeof app === "string") &&
    isRows &&
    tableNames.every((name) => Array.isArray((rows as Record<string, unknown>)[name]))
  );
}
