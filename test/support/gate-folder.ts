import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { bycatch, temporaryFolder } from "../cli/run-bycatch.js";

/** The app over time, with its rules and policies. */
export const gate = fileURLToPath(new URL("../../fixtures/gate/", import.meta.url));

let lockfile: string | undefined;

/** A folder with the builds of fixtures/gate, their rules and policies, and the lockfile of the first build. */
export function gateFolder(): string {
  const folder = temporaryFolder();
  cpSync(gate, folder, { recursive: true });
  if (lockfile === undefined) {
    expect(bycatch(["lock", "gate-base.apk", "--rules", "rules"], {}, folder).status).toBe(0);
    lockfile = readFileSync(join(folder, "bycatch.lock"), "utf8");
  }
  writeFileSync(join(folder, "bycatch.lock"), lockfile);
  return folder;
}
