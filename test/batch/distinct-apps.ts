import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fixtureAppPath } from "../support/fixture-apps.js";

/** Bytes of end_of_central_directory up to its comment. */
const EOCD_SIZE = 22;

/** An app of the fixtures, as it is but for a comment of its archive: another content, and the same app. */
export function appWithComment(name: string, comment: string): Buffer {
  const bytes = readFileSync(fixtureAppPath(name));
  const eocd = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const text = Buffer.from(comment);
  const head = Buffer.from(bytes.subarray(0, eocd + EOCD_SIZE));
  head.writeUInt16LE(text.length, eocd + EOCD_SIZE - 2);
  return Buffer.concat([head, text]);
}

/** Writes apps of different content, `app-000.apk` and on, into a folder. */
export function putDistinctApps(folder: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `app-${String(index).padStart(3, "0")}.apk`;
    putFile(folder, name, appWithComment("tracker.apk", name));
    return name;
  });
}

export function putFile(folder: string, name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
