import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { UsageError } from "../diagnostics/index.js";
import { compileFlowRules } from "./compile-flow-rules.js";
import { compileRuleSources } from "./compile-rule-sources.js";
import { compileRuleset, type PlacedRule } from "./compile-ruleset.js";
import { type CompiledFlowRules, joinFlowRules, renderCompiledFlowRules } from "./compiled-flow-rules.js";
import type { FlowRules } from "./flow-models.js";
import { type DepthData, loadCompiledFlowRules, shippedDepthData } from "./load-compiled-ruleset.js";
import { parseRuleFile, type RuleFile } from "./parse-rule.js";
import type { RuleSources } from "./rule-sources.js";
import type { Ruleset } from "./ruleset.js";

/**
 * Loads and checks YAML rules: a file, or every `*.yaml` and `*.yml` below a directory but those in a
 * folder named `draft`. Imports YAML and the schemas: for the build, the tests and `--rules` only.
 *
 * @param base rules to build on; a rule loaded here replaces the one of the same id
 * @param onReplaced told of each rule that replaces one of the same id
 * @throws UsageError naming file and line
 */
export function loadRuleset(
  paths: readonly string[],
  base?: Ruleset,
  onReplaced: (path: string, id: string) => void = () => undefined,
): Ruleset {
  const placed = paths.flatMap((path) => loadRuleFiles(path));
  const idsOf = (...lists: readonly (readonly { readonly id: string }[] | undefined)[]) =>
    new Set(lists.flatMap((rules = []) => rules.map(({ id }) => id)));
  const parties = idsOf(base?.sdks, base?.supportLibraries);
  const known: Readonly<Partial<Record<RuleFile["kind"], ReadonlySet<string>>>> = {
    sdk: parties,
    "support-library": parties,
    api: idsOf(base?.apis),
    "hand-over": idsOf(base?.handOvers),
  };
  for (const { path, file } of placed) {
    if ("id" in file.rule && known[file.kind]?.has(file.rule.id) === true) onReplaced(path, file.rule.id);
  }
  return compileRuleset(placed, base);
}

/**
 * What YAML rules say beside what a scan needs, on top of what `base` says.
 *
 * @throws UsageError naming file and line
 */
export function loadRuleSources(paths: readonly string[], base: RuleSources): RuleSources {
  return compileRuleSources(
    paths.flatMap((path) => loadRuleFiles(path)),
    base,
  );
}

/** What deeper audits need beside YAML rules: what ships, and on top of it what these say of flows. */
export function depthDataWith(paths: readonly string[], shippedRules: URL): DepthData {
  const shipped = () => loadCompiledFlowRules(new URL("flow-rules.json", shippedRules));
  return { ...shippedDepthData(shippedRules), flowRules: () => loadFlowRules(paths, shipped()) };
}

/**
 * What YAML rules say of flows, on top of what `base` says.
 *
 * @throws UsageError naming file and line
 */
export function loadFlowRules(paths: readonly string[], base: CompiledFlowRules = {}): FlowRules {
  const placed = paths.flatMap((path) => loadRuleFiles(path));
  return joinFlowRules(compileFlowRules(placed, base));
}

/**
 * What ships of the rules of flows and what YAML rules say of them, as text that `parseCompiledFlowRules` reads; `undefined`
 * where these say nothing of them.
 *
 * @throws UsageError naming file and line
 */
export function compileOwnFlowRules(paths: readonly string[], shippedRules: URL): string | undefined {
  const placed = paths.flatMap((path) => loadRuleFiles(path));
  if (placed.every(({ file }) => file.kind !== "flow")) return undefined;
  const shipped = loadCompiledFlowRules(new URL("flow-rules.json", shippedRules));
  return renderCompiledFlowRules(compileFlowRules(placed, shipped));
}

/**
 * The checked rule files at a path, in the order of their names.
 *
 * @param onMistake told of each file that does not check, which is then left out; without it the first is thrown
 */
export function loadRuleFiles(path: string, onMistake?: (error: UsageError) => void): PlacedRule[] {
  return findRuleFiles(path).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    try {
      return [{ path: file, text, file: parseRuleFile(text, file) }];
    } catch (error) {
      if (!(error instanceof UsageError) || onMistake === undefined) throw error;
      onMistake(error);
      return [];
    }
  });
}

function findRuleFiles(path: string): string[] {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (cause) {
    throw new UsageError("--rules", `there is no file or directory ${path}`, "", { cause });
  }
  if (!isDirectory) return [path];
  const files = readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !name.split(sep).includes("draft") && !isPolicy(name))
    .sort()
    .map((name) => join(path, name));
  if (files.length === 0) throw new UsageError("--rules", `${path} holds no *.yaml file`);
  return files;
}

/** Policies ship beside the rules, and are none. */
function isPolicy(name: string): boolean {
  return name.split(sep)[0] === "policies";
}
