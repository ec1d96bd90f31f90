import { UsageError } from "../diagnostics/index.js";
import { editDistance, findNearest } from "../ruleset/index.js";
import { deepestIssue, describeIssue, parseYaml, type YamlFile } from "../ruleset/yaml-file.js";
import type { KnownNames, NameKind, Place, Policy } from "./policy.js";
import type { PolicyException, PolicyFile, PolicyRule, Requirement, Selector } from "./policy-schema.js";
import { asksParties, listOf, PARTY_KEYS } from "./selector.js";

/** A policy file of which the form is right; its names are still to be looked up. */
export interface ParsedPolicy extends YamlFile {
  readonly value: PolicyFile;
}

const HOW =
  "rules/policies/README.md tells how a policy is written, and bycatch/schema/policy.json is its schema.";

/**
 * Parses a policy file and checks its form.
 *
 * @param path of the file, for messages
 * @param isSound the validator made from the schema: quick, but it gives no reasons
 * @throws UsageError naming file, line and column, what is wrong and what to do
 */
export async function parsePolicy(
  text: string,
  path: string,
  isSound: (value: unknown) => boolean,
): Promise<ParsedPolicy> {
  const file = parseYaml(text, path);
  if (!isSound(file.value)) await explainMistake(file);
  const policy = { ...file, value: file.value as PolicyFile };
  checkForm(policy);
  return policy;
}

/** Only who made a mistake waits for zod. */
async function explainMistake(file: YamlFile): Promise<void> {
  const { policyKeys, policySchema } = await import("./policy-schema.js");
  const checked = policySchema.safeParse(file.value);
  if (checked.success) return;
  const issue = deepestIssue(checked.error.issues);
  const fix =
    issue.code === "unrecognized_keys"
      ? `Remove or correct ${issue.keys.map((key) => `\`${key}\`${suggestKey(key, policyKeys)}`).join(", ")}. ${HOW}`
      : HOW;
  const at = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : issue.path;
  throw new UsageError(file.placeOf(at), describeIssue(issue, file.value), fix);
}

/** What a slip in a key may have meant. */
function suggestKey(key: string, keys: readonly string[]): string {
  const [near] = findNearest(
    key,
    keys.map((id) => ({ id, name: id })),
  );
  return near === undefined ? "" : ` (did you mean \`${near}\`?)`;
}

/** What a schema cannot say: keys that mean nothing together, ids that are there twice. */
function checkForm(file: ParsedPolicy): void {
  const { rules = [], exceptions = [] } = file.value;
  const seen = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const at = ["rules", index];
    if (RESERVED.includes(rule.id))
      throw new UsageError(
        file.placeOf([...at, "id"]),
        `\`${rule.id}\` is the id of a check of its own`,
        "Give the rule another id.",
      );
    if (seen.has(rule.id))
      throw new UsageError(
        file.placeOf([...at, "id"]),
        `there are two rules \`${rule.id}\` in this file`,
        "Give each an id of its own.",
      );
    seen.add(rule.id);
    checkRule(file, rule, at);
  }
  for (const [index, { for: selector }] of exceptions.entries())
    if (selector !== undefined) refuseDegrees(file, selector, ["exceptions", index, "for"]);
}

/** What is left alone, or agreed to, is so however far its evidence goes. */
function refuseDegrees(file: ParsedPolicy, selector: Selector, at: readonly PropertyKey[]): void {
  for (const key of ["rung", "before-consent", "confidence"] as const)
    if (selector[key] !== undefined)
      throw new UsageError(
        file.placeOf([...at, key]),
        `\`${at.at(-1) as string}\` names parties, data types, permissions, hosts or findings: \`${key}\` tells none apart`,
        "Remove it.",
      );
}

/** Ids of checks that are no policy's. */
const RESERVED: readonly string[] = ["lockfile", "data-safety", "exceptions", "reading"];

function checkRule(file: ParsedPolicy, rule: PolicyRule, at: readonly PropertyKey[]): void {
  if ((rule.deny === undefined) === (rule.require === undefined))
    throw new UsageError(
      file.placeOf(at),
      `rule \`${rule.id}\` has ${rule.deny === undefined ? "neither `deny` nor" : "both `deny` and"} \`require\``,
      "Give it one of the two.",
    );
  if (rule.unless !== undefined && rule.deny === undefined)
    throw new UsageError(
      file.placeOf([...at, "unless"]),
      "`unless` leaves things alone that a `deny` speaks of",
      "Remove it.",
    );
  for (const key of ["deny", "require", "unless"] as const)
    if (rule[key] !== undefined) checkSelector(file, rule[key], [...at, key]);
  if (rule.unless !== undefined) checkUnless(file, rule.deny!, rule.unless, [...at, "unless"]);
}

/** An `unless` that can fit nothing its `deny` speaks of leaves nothing alone, whatever its author believes. */
function checkUnless(file: ParsedPolicy, deny: Selector, unless: Selector, at: readonly PropertyKey[]): void {
  refuseDegrees(file, unless, at);
  const fitting = keysOf(deny);
  const key = (Object.keys(unless) as (keyof Selector)[]).find((one) => !fitting.includes(one));
  if (key === undefined) return;
  const isOfParties = keysOf({ party: "any" }).includes(key);
  throw new UsageError(
    file.placeOf([...at, key]),
    `nothing that this \`deny\` speaks of has a \`${key}\`, so this leaves nothing alone`,
    isOfParties
      ? "Add `party: any` to `deny`: it then speaks of who brings the permission, or uses it."
      : "Remove it, or make a rule of its own.",
  );
}

/** Keys by which the things that a selector speaks of can be told apart. */
function keysOf(selector: Selector): readonly (keyof Selector)[] {
  const parties = ["party", "sdk", ...PARTY_KEYS] as const;
  if (selector.finding !== undefined) return [...parties, "finding", "data-type", "permission"];
  if (selector.permission !== undefined) return ["permission", ...(asksParties(selector) ? parties : [])];
  if (selector.host !== undefined) return [...parties, "host"];
  if (selector.yields !== undefined) return [...parties, "data-type", "yields", "finding"];
  if ((selector["data-type"] ?? selector.rung ?? selector["before-consent"]) !== undefined)
    return [...parties, "data-type", "finding"];
  return parties;
}

/** What is often written for a country, and is none. */
const NO_COUNTRIES: Readonly<Record<string, string>> = {
  UK: "GB",
  EU: "the countries that are meant, one by one",
};

/** Keys that each say what the thing is; it can only be one. `finding` can be about any of them. */
const SUBJECTS = ["permission", "host", "data-type"] as const;

function checkSelector(
  file: ParsedPolicy,
  selector: Selector | Requirement,
  at: readonly PropertyKey[],
): void {
  for (const country of listOf(selector.country))
    if (NO_COUNTRIES[country] !== undefined)
      throw new UsageError(
        file.placeOf([...at, "country"]),
        `country: \`${country}\` is no country of ISO 3166-1`,
        `Write ${NO_COUNTRIES[country]}.`,
      );
  const named = SUBJECTS.filter((key) => selector[key] !== undefined);
  if (named.length > 1 && selector.finding === undefined)
    throw new UsageError(
      file.placeOf([...at, named[1]!]),
      `nothing is ${named.map((key) => `\`${key}\``).join(" and ")} at once`,
      "Make a rule of each.",
    );
  const ofAccess = (["rung", "before-consent"] as const).find((key) => selector[key] !== undefined);
  if (
    ofAccess !== undefined &&
    (selector.permission ?? selector.host) !== undefined &&
    selector.finding === undefined
  )
    throw new UsageError(
      file.placeOf([...at, ofAccess]),
      `a \`${ofAccess}\` is one of an access to data`,
      "Remove it, or name a `data-type`.",
    );
  if (
    selector.yields !== undefined &&
    (selector.permission ?? selector.host ?? selector.finding) !== undefined
  )
    throw new UsageError(
      file.placeOf([...at, "yields"]),
      "what code yields is told of an access to data alone",
      "Make a rule of it.",
    );
  const switched = "switched-off" in selector && selector["switched-off"] !== undefined;
  const other = ([...SUBJECTS, "yields", "rung", "before-consent", "finding"] as const).find(
    (key) => selector[key] !== undefined,
  );
  if (switched && other !== undefined)
    throw new UsageError(
      file.placeOf([...at, other]),
      `\`switched-off\` and \`${other}\` are two things`,
      "Make a rule of each.",
    );
}

/**
 * Joins policy files into the policy that is evaluated: a later file's rule replaces an earlier one's of the same id.
 *
 * @param files those that are built on first
 * @throws UsageError naming file and line, for a name that nothing has, with near ones
 */
export function joinPolicies(files: readonly ParsedPolicy[], names: KnownNames): Policy {
  const rules = new Map<string, Policy["rules"][number]>();
  const exceptions: (PolicyException & { readonly place: Place })[] = [];
  for (const file of files) {
    for (const [index, id] of (file.value.disable ?? []).entries()) {
      if (!rules.delete(id)) throw unknownRule(file, ["disable", index], id, rules.keys());
    }
    for (const [index, rule] of (file.value.rules ?? []).entries()) {
      const at = ["rules", index];
      for (const key of ["deny", "require", "unless"] as const)
        if (rule[key] !== undefined) checkNames(file, rule[key], [...at, key], names);
      rules.set(rule.id, { ...rule, place: placeIn(file, at) });
    }
  }
  for (const file of files) {
    for (const [index, exception] of (file.value.exceptions ?? []).entries()) {
      const at = ["exceptions", index];
      if (exception.rule === "lockfile")
        throw new UsageError(
          file.placeOf([...at, "rule"]),
          "what a lockfile lacks is not excepted but agreed to",
          "Use `bycatch check --update`.",
        );
      if (!rules.has(exception.rule) && exception.rule !== "data-safety")
        throw unknownRule(file, [...at, "rule"], exception.rule, rules.keys());
      if (exception.for !== undefined) checkNames(file, exception.for, [...at, "for"], names);
      exceptions.push({ ...exception, place: placeIn(file, at) });
    }
  }
  return { rules: [...rules.values()], exceptions };
}

function placeIn(file: ParsedPolicy, keys: readonly PropertyKey[]): Place {
  const line = /:(\d+):\d+$/.exec(file.placeOf(keys))?.[1];
  return { file: file.path, line: Number(line ?? 1) };
}

function unknownRule(
  file: ParsedPolicy,
  at: readonly PropertyKey[],
  id: string,
  known: Iterable<string>,
): UsageError {
  const ids = [...known];
  return new UsageError(
    file.placeOf(at),
    `there is no rule \`${id}\` in this policy`,
    ids.length === 0 ? "It has no rules." : `Its rules are ${ids.join(", ")}.`,
  );
}

/** Keys whose values are names that the rules know. */
const NAMED = {
  sdk: "sdk",
  vendor: "vendor",
  company: "vendor",
  "data-type": "data-type",
  yields: "kind of data",
  permission: "permission",
  "switched-off": "switch",
} as const satisfies Partial<Record<keyof Requirement, NameKind>>;

function checkNames(
  file: ParsedPolicy,
  selector: Requirement,
  at: readonly PropertyKey[],
  names: KnownNames,
): void {
  for (const [key, kind] of Object.entries(NAMED) as [keyof typeof NAMED, NameKind][]) {
    const value = selector[key];
    for (const [index, name] of listOf(value).entries()) {
      if (isKnown(kind, name, names)) continue;
      const near = names.suggest(kind, name);
      const where = Array.isArray(value) ? [...at, key, index] : [...at, key];
      throw new UsageError(
        file.placeOf(where),
        `${key}: the rules know no ${kind} \`${name}\``,
        near.length > 0 ? `Did you mean ${near.join(", ")}?` : adviceFor(kind),
      );
    }
  }
}

/** Apps define permissions of their own, and have third parties that no rule knows. */
function isKnown(kind: NameKind, name: string, names: KnownNames): boolean {
  if (kind === "sdk" && name.startsWith("unrecognised:")) return true;
  if (kind === "switch" && name === "any") return true;
  return names.has(kind, name) || (kind === "permission" && name.includes(".") && !isSlip(name, names));
}

/** Nobody but Android defines permissions there: one letter away from one that is known, it is a slip. */
function isSlip(name: string, names: KnownNames): boolean {
  return (
    name.startsWith("android.permission.") &&
    names.suggest("permission", name).some((near) => editDistance(name, near, 1) === 1)
  );
}

function adviceFor(kind: NameKind): string {
  switch (kind) {
    case "sdk":
      return "`bycatch rules list` lists SDKs.";
    case "vendor":
      return "`bycatch rules show <sdk>` names an SDK's vendor.";
    case "permission":
      return "Write the permission in full, as the manifest has it.";
    case "switch":
      return "`bycatch explain <sdk>` tells an SDK's switches; `any` is all of them.";
    case "kind of data":
      return "`bycatch scan -f json` names it in `accesses[].yields`, and `bycatch rules show <id>` shows it.";
    case "data-type":
      return "rules/data-types.yaml lists them: Google Play's names in lower case, with hyphens.";
  }
}
