import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AuditRules } from "../audit.js";
import { UsageError } from "../diagnostics/index.js";
import type { KnownNames, NameKind, Policy } from "../policy/index.js";
import type { ParsedPolicy } from "../policy/parse-policy.js";
import { type CompiledRules, loadCompiledRuleSources } from "../ruleset/index.js";
import { isSystemError } from "./describe-failure.js";

/** Bytes of a policy or lockfile that are read. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Policies that one may build on, one behind the other. */
const MOST_DEEP = 10;

/**
 * The files of a policy, those that it builds on first, each parsed and its form checked.
 *
 * @param shippedPolicies the folder of those that ship
 * @throws UsageError naming file and line
 */
export async function loadPolicy(
  path: string,
  shippedPolicies: URL,
  validator: URL,
): Promise<ParsedPolicy[]> {
  const [{ parsePolicy }, { isSoundPolicy }] = (await Promise.all([
    import("../policy/parse-policy.js"),
    import(validator.href),
  ])) as [typeof import("../policy/parse-policy.js"), { isSoundPolicy: (value: unknown) => boolean }];
  const files: ParsedPolicy[] = [];
  const load = async (file: string, name: string, behind: readonly string[]): Promise<void> => {
    const policy = await parsePolicy(readUserFile(file), name, isSoundPolicy);
    for (const [index, base] of (policy.value.extends ?? []).entries()) {
      const place = policy.placeOf(["extends", index]);
      const isPath = /[./\\]/.test(base);
      const next = isPath ? join(dirname(file), base) : join(fileURLToPath(shippedPolicies), `${base}.yaml`);
      if (behind.includes(next) || next === file)
        throw new UsageError(place, `${base} builds on this policy`, "Take one of the two out.");
      if (behind.length >= MOST_DEEP)
        throw new UsageError(place, `more than ${MOST_DEEP} policies build on one another`, "Join some.");
      if (files.some(({ path: known }) => known === nameOf(next, isPath, base))) continue;
      if (!isFile(next))
        throw new UsageError(
          place,
          isPath ? `there is no file ${next}` : `no policy \`${base}\` ships`,
          isPath
            ? "A path is read from where this file is."
            : "children, health and no-location do; the path of a file has a dot or slash in it.",
        );
      await load(next, nameOf(next, isPath, base), [...behind, file]);
    }
    files.push(policy);
  };
  await load(path, path, []);
  return files;
}

/** A policy that ships is named by its file, whatever machine it is on. */
function nameOf(path: string, isPath: boolean, name: string): string {
  return isPath ? path : `rules/policies/${name}.yaml`;
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
