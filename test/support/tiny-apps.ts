import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bytes of an end of central directory record without a comment; the comment's length is its last field. */
const EOCD_SIZE = 22;

/** A small app; each number has a file of its own digest, by the archive's comment. */
export function tinyApp(number: number): Buffer {
  const app = readFileSync(
    fileURLToPath(new URL("../../fixtures/apps/no-third-parties.apk", import.meta.url)),
  );
  if (app.readUInt32LE(app.length - EOCD_SIZE) !== 0x06054b50) throw new Error("the fixture has a comment");
  const comment = Buffer.from(`app ${number}`);
  app.writeUInt16LE(comment.length, app.length - 2);
  return Buffer.concat([app, comment]);
}

/** Writes small apps into a folder: 0000.apk and so on. */
export function writeTinyApps(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < count; number++) {
    writeFileSync(join(folder, `${String(number).padStart(4, "0")}.apk`), tinyApp(number));
  }
}
