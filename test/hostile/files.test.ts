import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { audit, FormatError } from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "bycatch-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const large = fileURLToPath(
  new URL("../../node_modules/android-apidemos/apks/ApiDemos-debug.apk", import.meta.url),
);

test("a large file cut anywhere gives a FormatError: its directory was at the end", async () => {
  const bytes = readFileSync(large);
  const path = join(folder, "cut.apk");
  for (let percent = 0; percent < 100; percent += 7) {
    writeFileSync(path, bytes.subarray(0, Math.floor((bytes.length * percent) / 100)));
    await expect(audit(path), `cut to ${percent} %`).rejects.toBeInstanceOf(FormatError);
  }
});

test("many audits at once of one file give one and the same result", async () => {
  const results = await Promise.all(Array.from({ length: 4 }, () => audit(large)));
  for (const result of results) expect(result).toEqual(results[0]);
});

test("what cannot be opened is the system's own error", async () => {
  await expect(audit(join(folder, "nowhere.apk"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(audit(folder)).rejects.toMatchObject({ code: "EISDIR" });
});
