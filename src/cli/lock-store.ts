import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isSystemError, UsageError } from "../diagnostics/index.js";

/** Who holds a lock. */
interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process was started, in the system's own count, where it tells: numbers of processes come again. */
  readonly started: string | undefined;
}

/**
 * Keeps other runs off a store until it is given back. The lock of a process that is gone is taken over.
 *
 * @returns what gives it back
 * @throws UsageError where another run has it
 */
export function lockStore(folder: string): () => void {
  const path = join(folder, "batch.lock");
  const own = JSON.stringify({ host: hostname(), pid: process.pid, started: startOf(process.pid) });
  while (!tryLock(path, own)) {
    const text = readIfThere(path);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder !== undefined && isAlive(holder)) {
      const who =
        holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`;
      throw new UsageError(
        "--store",
        `${folder} is being written by another run (${who})`,
        `Wait for it, or use another folder. If it is no more, remove ${path}.`,
      );
    }
    takeAway(path, text);
  }
  return () => {
    if (readIfThere(path) === own) rmSync(path, { force: true });
  };
}

function tryLock(path: string, own: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "wx");
  } catch (error) {
    if (isSystemError(error) && error.code === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(fd, own);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return true;
}

/** Of two that find a stale lock, the slower must not take away what the quicker has made. */
function takeAway(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return;
    throw error;
  }
  try {
    if (readFileSync(aside, "utf8") !== stale) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isSystemError(error) && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { host, pid, started } = JSON.parse(text) as Partial<Holder>;
    return typeof host === "string" && Number.isSafeInteger(pid) ? { host, pid: pid!, started } : undefined;
  } catch {
    // Half a lock: its writer died over it, or is at it just now.
    return undefined;
  }
}

/** Of another machine, nothing is known: it is taken to be at work. */
function isAlive({ host, pid, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isSystemError(error) && error.code === "ESRCH") return false;
  }
  return started === startOf(pid);
}

/** Where Linux tells it: field 22 of /proc/<pid>/stat, behind a name that may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
