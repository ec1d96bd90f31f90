import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const root = new URL("../../", import.meta.url);

/** The executable as users have it. */
export const executable = fileURLToPath(new URL("bin/bycatch.js", root));

/** A file of an installed package. */
export function installed(path: string): string {
  return fileURLToPath(new URL(`node_modules/${path}`, root));
}

/** A small app that reads the location; 16 KB. */
export const gpsDemo = installed("gps-demo-app/assets/gpsDemo-debug.apk");
/** A real app with nine DEX files; 3 MB. */
export const settings = installed("io.appium.settings/apks/settings_apk-debug.apk");
/** A real app with sixteen DEX files; 18 MB. */
export const server = installed("appium-uiautomator2-server/apks/appium-uiautomator2-server-v10.6.6.apk");

/** Runs the command line, without the colour variables of whoever runs the tests. */
export function bycatch(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd?: string,
  path = executable,
): SpawnSyncReturns<string> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  return spawnSync(process.execPath, [path, ...args], {
    encoding: "utf8",
    env: { ...inherited, ...env },
    maxBuffer: 1 << 28,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

const answers = new Map<string, SpawnSyncReturns<string>>();

/** The same, but what a file's tests ask twice is run once. For what reads apps and writes nothing. */
export function bycatchOnce(args: readonly string[]): SpawnSyncReturns<string> {
  const question = JSON.stringify(args);
  const answer = answers.get(question) ?? bycatch(args);
  answers.set(question, answer);
  return answer;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
