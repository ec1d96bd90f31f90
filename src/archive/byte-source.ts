import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { FormatError } from "../diagnostics/index.js";
import { hashFile } from "./hash-file.js";

/**
 * Bytes with random access: a file on disk, or an archive inside an archive.
 *
 * What {@link ByteSource.read} returns belongs to the source: it may be a view of shared memory and is
 * never written to.
 */
export interface ByteSource {
  /** For messages: the file's name without its folders, or the name of the part it was read from. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`; throws a {@link FormatError} `truncated` past the end. */
  read(offset: number, length: number): Uint8Array;
  /** SHA-256 of all of it, lower-case hexadecimal. */
  sha256(): Promise<string>;
  /** Releases the file. Closing twice is harmless. */
  close(): void;
}

/** What one system call is asked for at most; Node refuses more than 2^31 - 1. */
const READ_SIZE = 1 << 30;

/**
 * Opens a file for positioned reads. Nothing of it is read yet.
 *
 * The system's refusals (ENOENT, EISDIR, EACCES, …) surface as Node's own errors. A pipe, socket or
 * device has no size and no offsets: `unsupported`.
 *
 * @param name for messages, where the file lies under another name for a time
 */
export function openFileSource(path: string, name = basename(path)): ByteSource {
  // A named pipe without a writer would block for ever; regular files ignore the flag.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return new FileSource(name, fd, regularFileSize(fd, name));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Bytes in memory as a {@link ByteSource}; shares them. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      checkRange(name, bytes.length, offset, length);
      return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);
    },
    sha256: () => Promise.resolve(createHash("sha256").update(bytes).digest("hex")),
    close() {},
  };
}

class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  #fd: number | undefined;
  #hashing: Promise<string> | undefined;

  constructor(name: string, fd: number, size: number) {
    this.name = name;
    this.#fd = fd;
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this.name, this.size, offset, length);
    if (this.#fd === undefined) throw new Error(`${this.name} is read after it was closed`);
    // Not from Node's pool: later stages lay wider arrays over the bytes, and may keep them.
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const got = readSync(this.#fd, bytes, done, Math.min(length - done, READ_SIZE), offset + done);
      if (got === 0) throw pastTheEnd(this.name, offset, length, offset + done);
      done += got;
    }
    return new Uint8Array(bytes.buffer, 0, length);
  }

  sha256(): Promise<string> {
    if (this.#fd === undefined) throw new Error(`${this.name} is read after it was closed`);
    this.#hashing ??= hashFile(this.#fd, this.size);
    // Whoever asked is told; an audit that failed meanwhile no longer listens.
    this.#hashing.catch(() => undefined);
    return this.#hashing;
  }

  close(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#fd = undefined;
    // The system would give the number to another file while this one is still being hashed.
    if (this.#hashing === undefined) closeSync(fd);
    else void this.#hashing.catch(() => undefined).then(() => closeSync(fd));
  }
}

function regularFileSize(fd: number, name: string): number {
  const stat = fstatSync(fd);
  if (stat.isFile()) return stat.size;
  // A folder opens, and refuses to be read: let the system say so in its own words.
  if (stat.isDirectory()) readSync(fd, new Uint8Array(1), 0, 1, 0);
  throw new FormatError(
    "unsupported",
    { source: name, structure: "file" },
    "is a pipe, socket or device, and an archive is read from its end: save it to a file first",
  );
}

function checkRange(name: string, size: number, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw pastTheEnd(name, offset, length, size);
}

function pastTheEnd(source: string, offset: number, length: number, end: number): FormatError {
  return new FormatError(
    "truncated",
    { source, offset, structure: "bytes" },
    `needs ${length} bytes, but the file ends at 0x${end.toString(16)}`,
  );
}
