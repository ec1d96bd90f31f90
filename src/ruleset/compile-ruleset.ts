import { createHash } from "node:crypto";
import { UsageError } from "../diagnostics/index.js";
import type { HandOverRule } from "./call-schema.js";
import { findPrefix } from "./find-prefix.js";
import type { RuleFile } from "./parse-rule.js";
import { placeInFile } from "./place-in-file.js";
import { RuleConflict } from "./rule-conflict.js";
import {
  beside,
  type CompiledRule,
  type CompiledSdkRule,
  type ComponentClass,
  type Ruleset,
} from "./ruleset.js";
import type { ApiRule, SdkRule } from "./schema.js";

type RuleContent = Omit<Ruleset, "rulesVersion" | "componentClasses">;

/** A checked rule file and where it stands. */
export interface PlacedRule {
  readonly path: string;
  /** The file's text, to name the line of what does not agree with other files. */
  readonly text?: string;
  readonly file: RuleFile;
}

/**
 * Joins checked rule files into a {@link Ruleset}, and checks what no single file can: ids and
 * prefixes are unique, vendors and data types exist.
 *
 * @param base rules to build on; a rule of `placed` replaces the one of the same kind and id in it
 * @throws UsageError naming the file
 */
export function compileRuleset(placed: readonly PlacedRule[], base?: Ruleset): Ruleset {
  refuseDuplicates(placed);
  const of = <Kind extends RuleFile["kind"]>(kind: Kind) =>
    placed
      .map(({ file }) => file)
      .filter((file): file is Extract<RuleFile, { kind: Kind }> => file.kind === kind)
      .map((file) => file.rule as Extract<RuleFile, { kind: Kind }>["rule"]);
  const content = {
    vendors: merge(base?.vendors, of("vendor").map(compileRule), idOf),
    sdks: merge(base?.sdks, of("sdk").map(compileSdkRule), idOf),
    supportLibraries: merge(base?.supportLibraries, of("support-library").map(compileRule), idOf),
    apis: merge(base?.apis, of("api").map(compileApiRule), idOf),
    handOvers: merge(base?.handOvers, of("hand-over").map(compileHandOver), idOf),
    blindSpots: merge(
      base?.blindSpots,
      of("blind-spots").flatMap((rule) => rule["blind-spots"]),
      ({ method }) => method,
    ),
    // In the order of the file, which is that of the form.
    dataTypes: [
      ...join(
        base?.dataTypes,
        of("data-types").flatMap((rule) => rule["data-types"]),
        idOf,
      ).values(),
    ],
    permissions: merge(
      base?.permissions,
      of("permissions").flatMap((rule) => rule.permissions.map(compileRule)),
      ({ name }) => name,
    ),
  };
  checkReferences(placed, content);
  checkParents(placed, content);
  checkApis(placed, content);
  const prefixes = checkPrefixes(placed, content);
  const digest = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return {
    rulesVersion: digest.slice(0, 12),
    ...content,
    componentClasses: findComponentClasses(content, prefixes),
  };
}

/** A component is its party's class whatever package it stands in, unless several parties name it. */
function findComponentClasses(
  { sdks, supportLibraries }: RuleContent,
  prefixes: ReadonlyMap<string, string>,
): ComponentClass[] {
  const owners = new Map<string, Set<string>>();
  for (const rule of [...sdks, ...supportLibraries]) {
    for (const signature of rule.signatures) {
      if (!("component" in signature)) continue;
      const descriptor = `L${signature.component.replaceAll(".", "/")};`;
      if (findPrefix(descriptor, prefixes) === undefined)
        owners.set(descriptor, (owners.get(descriptor) ?? new Set()).add(rule.id));
    }
  }
  return [...owners]
    .filter(([, parties]) => parties.size === 1)
    .map(([descriptor, [party]]) => ({ class: descriptor, party: party! }))
    .sort((a, b) => compareText(a.class, b.class));
}

/** Drops what a scan does not need; see compile-rule-sources.ts. */
function compileRule<Rule extends object>(rule: Rule): CompiledRule<Rule> {
  const dropped: ReadonlySet<string> = new Set(beside);
  return Object.fromEntries(
    Object.entries(rule).filter(([key]) => !dropped.has(key)),
  ) as unknown as CompiledRule<Rule>;
}

function compileSdkRule(rule: SdkRule): CompiledSdkRule {
  const { switches = [], ...compiled } = compileRule(rule);
  const inManifest = switches.filter((item) => "meta-data" in item);
  return { ...compiled, ...(inManifest.length === 0 ? {} : { switches: inManifest }) };
}

function compileApiRule(rule: ApiRule): CompiledRule<ApiRule> {
  return { ...compileRule(rule), apis: rule.apis.map(({ note: _, ...api }) => api) };
}

function compileHandOver(rule: HandOverRule): CompiledRule<HandOverRule> {
  return { ...compileRule(rule), calls: rule.calls.map(({ note: _, ...call }) => call) };
}

/** In the order of the key. */
function merge<Rule>(
  base: readonly Rule[] | undefined,
  added: readonly Rule[],
  keyOf: (rule: Rule) => string,
): Rule[] {
  return [...join(base, added, keyOf)].sort(([a], [b]) => compareText(a, b)).map(([, rule]) => rule);
}

/** By key; what is added replaces what has its key. */
function join<Rule>(
  base: readonly Rule[] | undefined,
  added: readonly Rule[],
  keyOf: (rule: Rule) => string,
): Map<string, Rule> {
  return new Map([...(base ?? []), ...added].map((rule) => [keyOf(rule), rule]));
}

const idOf = ({ id }: { readonly id: string }) => id;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function refuseDuplicates(placed: readonly PlacedRule[]): void {
  const seen = new Map<string, string>();
  for (const { path, file } of placed) {
    if (!("id" in file.rule)) continue;
    // SDKs and support libraries share one space of ids: both become parties.
    const space = file.kind === "support-library" ? "sdk" : file.kind;
    const key = `${space} ${file.rule.id}`;
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      throw new RuleConflict(
        placeOf(placed, path, file.rule.id),
        [placeOf(placed, earlier, file.rule.id)],
        `the id \`${file.rule.id}\` is taken by ${earlier}`,
        "Give one of the two another id.",
      );
    }
    seen.set(key, path);
  }
}

function checkReferences(placed: readonly PlacedRule[], content: RuleContent): void {
  const vendors = new Set(content.vendors.map((vendor) => vendor.id));
  const dataTypes = new Set(content.dataTypes.map((dataType) => dataType.id));
  const apis = new Set(content.apis.map((api) => api.id));
  const checkDataType = (path: string, id: string | undefined) => {
    if (id === undefined || dataTypes.has(id)) return;
    throw new UsageError(
      placeOf(placed, path, id),
      `there is no data type \`${id}\``,
      "The data types are in rules/data-types.yaml.",
    );
  };
  for (const { path, file } of placed) {
    if (file.kind === "sdk" || file.kind === "support-library") {
      const { vendor } = file.rule;
      if (vendor !== undefined && !vendors.has(vendor)) {
        throw new UsageError(
          placeOf(placed, path, vendor),
          `there is no vendor \`${vendor}\``,
          `Write vendors/${vendor}.yaml (id, name).`,
        );
      }
    }
    if (file.kind === "sdk") {
      for (const practice of file.rule.practices ?? []) checkDataType(path, practice["data-type"]);
      for (const item of file.rule.switches ?? [])
        if ("data-types" in item) for (const id of item["data-types"] ?? []) checkDataType(path, id);
    }
    if (file.kind === "api") {
      checkDataType(path, file.rule["data-type"]);
      checkDataType(path, file.rule["degrades-to"]?.["data-type"]);
    }
    if (file.kind === "flow") {
      for (const { of: id } of file.rule.sources ?? []) {
        if (id === undefined || apis.has(id)) continue;
        throw new UsageError(
          placeOf(placed, path, `of: ${id}`),
          `there is no rule \`${id}\` of sensitive APIs`,
          `Write apis/${id}.yaml, or name one that is there.`,
        );
      }
    }
    if (file.kind === "hand-over") {
      for (const { gives } of file.rule.calls)
        for (const given of gives) checkDataType(path, given["data-type"]);
    }
    if (file.kind === "permissions") {
      for (const permission of file.rule.permissions)
        for (const id of permission.opens ?? []) checkDataType(path, id);
    }
  }
}

/** Parents exist, and nobody owns itself by way of others. */
function checkParents(placed: readonly PlacedRule[], { vendors }: RuleContent): void {
  const parents = new Map(vendors.map(({ id, parent }) => [id, parent]));
  const paths = new Map(
    placed.flatMap(({ path, file }) => (file.kind === "vendor" ? [[file.rule.id, path] as const] : [])),
  );
  for (const { path, file } of placed) {
    if (file.kind !== "vendor") continue;
    const seen = new Set<string>();
    let id: string | undefined = file.rule.id;
    for (; id !== undefined; id = parents.get(id)) {
      if (!parents.has(id)) {
        throw new UsageError(
          placeOf(placed, path, `parent: ${id}`),
          `there is no vendor \`${id}\``,
          `Write vendors/${id}.yaml (id, name).`,
        );
      }
      if (seen.has(id)) {
        throw new RuleConflict(
          placeOf(placed, path, "parent:"),
          [...seen].map((other) => placeOf(placed, paths.get(other) ?? other, "parent:")),
          `\`${file.rule.id}\` is its own parent`,
          "Remove the parent that is wrong.",
        );
      }
      seen.add(id);
    }
  }
}

/**
 * A rule names an API once. And a call has one target: a method that is asked for in every overload
 * cannot be asked for in one besides, in this rule or another.
 */
function checkApis(
  placed: readonly PlacedRule[],
  { apis, handOvers, blindSpots }: Pick<RuleContent, "apis" | "handOvers" | "blindSpots">,
): void {
  const paths = new Map(
    placed.flatMap(({ path, file }) =>
      file.kind === "api" || file.kind === "hand-over"
        ? [[file.rule.id, path] as const]
        : file.kind === "blind-spots"
          ? [[file.kind, path] as const]
          : [],
    ),
  );
  const methods = new Map<string, { readonly id: string; readonly isEvery: boolean }>();
  const noteMethod = (id: string, reference: string) => {
    const name = reference.slice(0, reference.indexOf("("));
    const isEvery = reference.endsWith("(*)*");
    const other = methods.get(name);
    if (other !== undefined && other.isEvery !== isEvery) {
      throw new RuleConflict(
        placeOf(placed, paths.get(id) ?? paths.get(other.id) ?? id, name),
        [placeOf(placed, paths.get(other.id) ?? other.id, name)],
        `\`${name}\` is asked for in every overload and in one, by \`${other.id}\` and \`${id}\``,
        "Write out the overloads that are meant.",
      );
    }
    methods.set(name, { id, isEvery });
  };
  for (const { id, apis: own } of apis) {
    const seen = new Set<string>();
    for (const api of own) {
      const reference = api.method ?? api.field ?? api.override ?? api["content-uri"]!;
      const constants = api.argument === undefined ? [""] : api.argument["one-of"];
      for (const key of constants.map((text) =>
        JSON.stringify([api.override, reference, api.argument?.index, text]),
      )) {
        if (seen.has(key)) {
          throw new UsageError(
            paths.get(id) ?? id,
            `\`${reference}\` is named twice`,
            "Remove one of the two.",
          );
        }
        seen.add(key);
      }
      if (api.method !== undefined) noteMethod(id, api.method);
    }
  }
  for (const { id, calls } of handOvers) {
    const seen = new Set<string>();
    for (const { method, name } of calls) {
      const key = (method ?? name)!;
      if (seen.has(key))
        throw new UsageError(paths.get(id) ?? id, `\`${key}\` is named twice`, "Remove one of the two.");
      seen.add(key);
      if (method !== undefined) noteMethod(id, method);
    }
  }
  for (const { method } of blindSpots) noteMethod("blind-spots", method);
}

/** The owner's id by class prefix. */
function checkPrefixes(placed: readonly PlacedRule[], content: RuleContent): Map<string, string> {
  const owners = new Map<string, string>();
  const paths = new Map(
    placed.flatMap(({ path, file }) =>
      file.kind === "sdk" || file.kind === "support-library" ? [[file.rule.id, path] as const] : [],
    ),
  );
  for (const rule of [...content.sdks, ...content.supportLibraries]) {
    for (const signature of rule.signatures) {
      if (!("class-prefix" in signature)) continue;
      const prefix = signature["class-prefix"];
      const owner = owners.get(prefix);
      if (owner !== undefined) {
        throw new RuleConflict(
          placeOf(placed, paths.get(rule.id) ?? paths.get(owner) ?? rule.id, prefix),
          [placeOf(placed, paths.get(owner) ?? owner, prefix)],
          `the class prefix \`${prefix}\` is claimed by \`${owner}\` and by \`${rule.id}\``,
          "A class has one owner: keep the prefix in one rule, or use a longer one.",
        );
      }
      owners.set(prefix, rule.id);
    }
  }
  return owners;
}

function placeOf(placed: readonly PlacedRule[], path: string, text: string): string {
  return placeInFile(placed.find((rule) => rule.path === path) ?? { path }, text);
}
