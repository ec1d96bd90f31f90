import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { UsageError } from "../diagnostics/index.js";
import type { Rung } from "../findings/index.js";
import type { RuleIndex } from "../ruleset/index.js";
import { depthAskedFor } from "./evaluate-policy.js";
import { joinPolicies, type ParsedPolicy, parsePolicy } from "./parse-policy.js";
import type { Policy } from "./policy.js";
import type { PolicyFile } from "./policy-schema.js";
import { readUserFile } from "./read-user-file.js";
import { RuleNames } from "./rule-names.js";

/** Files that the build made for policies. */
export interface PolicyFiles {
  /** The policies that ship, parsed. */
  readonly policies: URL;
  /** The policy's schema as a function. */
  readonly policyValidator: URL;
}

/** Policies that one may build on, one behind the other. */
const MOST_DEEP = 10;

/** Of one policy: one of a thousand rules has less. */
const MOST_MEGABYTES = 1;

/** A policy of which the form is right. */
export interface LoadedPolicy {
  /** Its file, and the user's other files that it builds on. */
  readonly paths: readonly string[];
  /** The depth to which a build must be looked at for it. */
  readonly depth: Rung;
  /**
   * Joins it once the rules are there, which know the names in it.
   *
   * @throws UsageError naming file and line
   */
  join(index: RuleIndex): Policy;
}

/**
 * Loads a policy and those that it builds on, and checks their form.
 *
 * @throws UsageError naming file and line
 */
export async function loadPolicy(
  path: string,
  { policies, policyValidator }: PolicyFiles,
): Promise<LoadedPolicy> {
  const { isSoundPolicy } = (await import(policyValidator.href)) as {
    readonly isSoundPolicy: (value: unknown) => boolean;
  };
  /** By absolute path; those that ship, by name. In the order in which they are joined. */
  const files = new Map<string, ParsedPolicy>();
  const load = async (file: string, behind: readonly string[]): Promise<void> => {
    const policy = await parsePolicy(readUserFile(file, MOST_MEGABYTES), file, isSoundPolicy);
    const chain = [...behind, resolve(file)];
    for (const [index, base] of (policy.value.extends ?? []).entries()) {
      const place = policy.placeOf(["extends", index]);
      if (!/[./\\]/.test(base)) {
        files.set(base, files.get(base) ?? findShipped(base, policies, { file, place }));
        continue;
      }
      const next = isAbsolute(base) ? base : join(dirname(file), base);
      if (chain.includes(resolve(next)))
        throw new UsageError(place, `${base} builds on this policy`, "Take one of the two out.");
      if (chain.length > MOST_DEEP)
        throw new UsageError(place, `more than ${MOST_DEEP} policies build on one another`, "Join some.");
      if (!isFile(next))
        throw new UsageError(place, `there is no file ${next}`, "A path is read from where this file is.");
      if (!files.has(resolve(next))) await load(next, chain);
    }
    files.set(resolve(file), policy);
  };
  await load(path, []);
  return {
    paths: [...files.keys()].filter((file) => isAbsolute(file)),
    depth: depthAskedFor([...files.values()].flatMap(({ value }) => value.rules ?? [])),
    join: (index) => joinPolicies([...files.values()], new RuleNames(index)),
  };
}

/**
 * A policy that ships: the build has parsed it. It is no file of the user's, so what it asks is asked where it is
 * built on.
 */
function findShipped(
  name: string,
  policies: URL,
  { file, place }: { readonly file: string; readonly place: string },
): ParsedPolicy {
  const shipped = JSON.parse(readFileSync(policies, "utf8")) as Readonly<Record<string, PolicyFile>>;
  const value = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (value === undefined)
    throw new UsageError(
      place,
      `no policy \`${name}\` ships`,
      `There are ${Object.keys(shipped).join(", ")}. The path of a file has a dot or a slash in it.`,
    );
  return { path: file, value, placeOf: () => place };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
