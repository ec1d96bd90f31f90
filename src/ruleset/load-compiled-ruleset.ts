import { readFileSync } from "node:fs";
import type { Ruleset } from "./ruleset.js";

/** The rules that ship with the package: `rules.json`, written by the build beside the bundle. */
export function loadCompiledRuleset(path: string | URL): Ruleset {
  return JSON.parse(readFileSync(path, "utf8")) as Ruleset;
}
