import { fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "./sync-folder.js";

/** Bytes read at a time. */
const BLOCK = 1 << 20;
const LINE_FEED = 0x0a;

/** A line of a file, and where it is to be found again. */
export interface PlacedLine {
  readonly text: string;
  /** Of its first byte. */
  readonly offset: number;
  /** In bytes, without the line's end. */
  readonly length: number;
}

/** Opens a file to which lines are appended; what a killed process left of a last one is ended. */
export function openLineFile(path: string): number {
  const fd = openSync(path, "a+");
  if (fstatSync(fd).size > 0) writeSync(fd, "\n");
  else syncFolder(dirname(path));
  return fd;
}

/** Appends a line: it outlives the process when this returns, and is not there at all where it throws. */
export function appendLine(fd: number, line: string): void {
  const { size } = fstatSync(fd);
  try {
    const bytes = Buffer.from(`${line}\n`);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  } catch (error) {
    // A full disk: half a line must not become one with the next.
    ftruncateSync(fd, size);
    throw error;
  }
}

/** The lines of an open file, one after another; what stands behind the last line's end comes as a line, too. */
export function* readLines(fd: number): Generator<PlacedLine> {
  const { size } = fstatSync(fd);
  const block = Buffer.allocUnsafe(BLOCK);
  let start = 0;
  for (let offset = 0; offset < size; ) {
    const got = readSync(fd, block, 0, BLOCK, offset);
    if (got === 0) break;
    for (let at = block.indexOf(LINE_FEED); at >= 0 && at < got; at = block.indexOf(LINE_FEED, at + 1)) {
      yield readLine(fd, start, offset + at - start);
      start = offset + at + 1;
    }
    offset += got;
  }
  if (start < size) yield readLine(fd, start, size - start);
}

/** A line whose place is known. */
export function readLine(fd: number, offset: number, length: number): PlacedLine {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const got = readSync(fd, bytes, done, length - done, offset + done);
    if (got === 0) throw new Error("a file became shorter while it was read");
    done += got;
  }
  return { text: bytes.toString("utf8"), offset, length };
}
