import { spawnSync } from "node:child_process";

/**
 * Whether a program is on the path. Where `CI` is set it has to be: a test that lacks it then fails instead of
 * saying that it did not run.
 */
export function hasTool(name: string): boolean {
  const { error } = spawnSync(name, ["--version"], { stdio: "ignore" });
  if (error === undefined) return true;
  if (process.env.CI) return true;
  console.warn(`\nNOT TESTED: ${name} is not installed`);
  return false;
}
