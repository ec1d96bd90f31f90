import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import { findJson } from "./find-json.js";

/** A file as the system knows it, without reading it. */
export interface InputFile {
  /** Absolute. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Time of its last change in nanoseconds: more than 2^53. */
  readonly mtimeNs: bigint;
  readonly inode: bigint;
}

/** A line of the file: path, size, mtimeNs, inode, SHA-256. */
type Line = readonly [path: string, size: number, mtimeNs: string, inode: string, sha256: string];

/**
 * Digests of input files that earlier runs have read, so that a resumed run need not read them again. A file of which
 * size, time or inode has changed is not known. It is a shortcut and no more: to delete it costs time only.
 */
export class InputIndex {
  readonly #fd: number;
  /** What each file was, and its digest: as earlier runs left it, as no run meets a file twice. */
  readonly #known: ReadonlyMap<string, Line>;

  /** For {@link openInputIndex}. */
  constructor(fd: number, known: ReadonlyMap<string, Line>) {
    this.#fd = fd;
    this.#known = known;
  }

  /** SHA-256 of a file, lower-case hexadecimal; `undefined` of one that is new, or not what it was. */
  find({ path, size, mtimeNs, inode }: InputFile): string | undefined {
    const line = this.#known.get(path);
    const isSame =
      line !== undefined && line[1] === size && line[2] === String(mtimeNs) && line[3] === String(inode);
    return isSame ? line[4] : undefined;
  }

  /** Notes a file's digest for later runs. The file must be what it was before it was read. */
  add({ path, size, mtimeNs, inode }: InputFile, sha256: string): void {
    writeSync(this.#fd, renderLine([path, size, String(mtimeNs), String(inode), sha256]));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The index in a store's folder; one that has grown to more than twice what it says is written anew. */
export function openInputIndex(folder: string): InputIndex {
  const path = join(folder, "inputs", "index.jsonl");
  mkdirSync(dirname(path), { recursive: true });
  const bytes = readIfThere(path);
  const known = new Map<string, Line>();
  let lines = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    // What a killed process left may end in half a line.
    if (end < 0) break;
    const line = parseLine(bytes.toString("utf8", start, end));
    if (line !== undefined) known.set(line[0], line);
    lines++;
    start = end + 1;
  }
  const isTorn = bytes.length > 0 && bytes.at(-1) !== LINE_FEED;
  if (isTorn || lines > 2 * known.size) {
    writeFileSync(`${path}.tmp`, [...known.values()].map(renderLine).join(""));
    renameSync(`${path}.tmp`, path);
  }
  return new InputIndex(openSync(path, "a"), known);
}

const LINE_FEED = 0x0a;

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    return Buffer.alloc(0);
  }
}

function renderLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function parseLine(text: string): Line | undefined {
  const line = findJson(text);
  if (!Array.isArray(line)) return undefined;
  const [path, size, mtimeNs, inode, sha256] = line as unknown[];
  const isLine =
    typeof path === "string" &&
    typeof size === "number" &&
    typeof mtimeNs === "string" &&
    typeof inode === "string" &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256);
  return isLine ? [path, size, mtimeNs, inode, sha256] : undefined;
}
