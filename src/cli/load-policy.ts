import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AuditRules } from "../audit.js";
import { UsageError } from "../diagnostics/index.js";
import type { KnownNames, NameKind, Policy } from "../policy/index.js";
import type { CompiledPolicy, ParsedPolicy } from "../policy/parse-policy.js";
import { type CompiledRules, loadCompiledRuleSources } from "../ruleset/index.js";
import { isSystemError } from "./describe-failure.js";

/** Files beside the bundle that a check needs. */
export interface ShippedFiles {
  /** The compiled rules. */
  readonly rules: URL;
  /** The policies, parsed. */
  readonly policies: URL;
  /** The policy's schema as a function. */
  readonly policyValidator: URL;
}

/** Bytes of a policy or lockfile that are read. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Policies that one may build on, one behind the other. */
const MOST_DEEP = 10;

/**
 * The files of a policy, those that it builds on first, each parsed and its form checked.
 *
 * @throws UsageError naming file and line
 */
export async function loadPolicy(
  path: string,
  { policies, policyValidator }: ShippedFiles,
): Promise<ParsedPolicy[]> {
  const [{ parsePolicy }, { isSoundPolicy }] = (await Promise.all([
    import("../policy/parse-policy.js"),
    import(policyValidator.href),
  ])) as [typeof import("../policy/parse-policy.js"), { isSoundPolicy: (value: unknown) => boolean }];
  const files = new Map<string, ParsedPolicy>();
  const load = async (file: string, behind: readonly string[]): Promise<void> => {
    const policy = await parsePolicy(readUserFile(file), file, isSoundPolicy);
    for (const [index, base] of (policy.value.extends ?? []).entries()) {
      const place = policy.placeOf(["extends", index]);
      if (!/[./\\]/.test(base)) {
        files.set(base, files.get(base) ?? findShipped(base, policies, place));
        continue;
      }
      const next = join(dirname(file), base);
      if (next === file || behind.includes(next))
        throw new UsageError(place, `${base} builds on this policy`, "Take one of the two out.");
      if (behind.length >= MOST_DEEP)
        throw new UsageError(place, `more than ${MOST_DEEP} policies build on one another`, "Join some.");
      if (!isFile(next))
        throw new UsageError(place, `there is no file ${next}`, "A path is read from where this file is.");
      if (!files.has(next)) await load(next, [...behind, file]);
    }
    files.set(file, policy);
  };
  await load(path, []);
  return [...files.values()];
}

/** A policy that ships: the build has parsed it. */
function findShipped(name: string, policies: URL, place: string): ParsedPolicy {
  const compiled = JSON.parse(readFileSync(policies, "utf8")) as Readonly<Record<string, CompiledPolicy>>;
  const policy = Object.hasOwn(compiled, name) ? compiled[name] : undefined;
  if (policy === undefined)
    throw new UsageError(
      place,
      `no policy \`${name}\` ships`,
      `There are ${Object.keys(compiled).join(", ")}. The path of a file has a dot or a slash in it.`,
    );
  const { path, value, ruleLines } = policy;
  const placeOf = ([list, index]: readonly PropertyKey[]) =>
    `${path}:${(list === "rules" ? ruleLines[index as number] : undefined) ?? 1}:1`;
  return { path, value, placeOf };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * A text file of the user's.
 *
 * @throws UsageError where it cannot be read, or is larger than such a file is
 */
export function readUserFile(path: string): string {
  try {
    if (statSync(path).size > MOST_BYTES)
      throw new UsageError(path, `is larger than ${MOST_BYTES / 1024 / 1024} MB, which no such file is`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const problem = error.code === "ENOENT" ? "there is no such file" : `cannot be read (${error.code})`;
    throw new UsageError(path, problem, "", { cause: error });
  }
}

/** What joins a policy's files once the rules are there, which know the names in them. */
export async function prepareJoin(
  files: readonly ParsedPolicy[],
  shippedRules: URL,
): Promise<(rules: AuditRules) => Policy> {
  const { joinPolicies } = await import("../policy/parse-policy.js");
  const { Knowledge, suggestSubjects } = await import("../explain/index.js");
  return ({ index }) => {
    const suggest = (kind: NameKind, name: string) => {
      const sources = loadCompiledRuleSources(new URL("rule-sources.json", shippedRules));
      return suggestSubjects(name, new Knowledge(index, sources), [kind]);
    };
    return joinPolicies(files, new RuleNames(index.compiled, suggest));
  };
}

/** The names of the rules that an audit goes by. */
class RuleNames implements KnownNames {
  readonly #rules: CompiledRules;
  readonly suggest: KnownNames["suggest"];

  constructor(rules: CompiledRules, suggest: KnownNames["suggest"]) {
    this.#rules = rules;
    this.suggest = suggest;
  }

  has(kind: NameKind, name: string): boolean {
    const { partyIds, vendorIds, dataTypes, permissions } = this.#rules.header;
    switch (kind) {
      case "sdk":
        return partyIds.includes(name);
      case "vendor":
        return vendorIds.includes(name);
      case "data-type":
        return dataTypes.some(({ id }) => id === name);
      case "permission":
        return permissions.some((permission) => permission.name.endsWith(`.${name}`));
    }
  }
}
