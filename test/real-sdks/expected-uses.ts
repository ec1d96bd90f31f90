import type { Api, ApiRule, Ruleset } from "../../src/ruleset/index.js";
import type { DumpedMethod, DumpedReference } from "./read-dexdump.js";

/** Where code uses an API: `<caller> <code unit>`. */
export type UsesByApi = Record<string, string[]>;

/**
 * What dexdump's words and the rules make one expect of a party's code: calls, field reads and content
 * URIs that count whatever is passed, as `<rule> <api>`.
 */
export function findPlainUses(methods: readonly DumpedMethod[], rules: Ruleset, code: readonly string[]): UsesByApi {
  const uses: UsesByApi = {};
  for (const { ref, references } of methods) {
    for (const reference of references) {
      for (const { rule, api, name } of apisOf(rules)) {
        if (api.argument !== undefined || isOwn(name, code) || !names(api, reference, rules)) continue;
        add(uses, `${rule.id} ${name}`, `${ref} ${reference.codeUnit}`);
      }
    }
  }
  return sorted(uses);
}

/**
 * The methods that hold both a call that counts with a constant and that constant, as
 * `<rule> <api> <caller>`. Whether the constant is what is passed, this does not see.
 */
export function findArgumentCandidates(methods: readonly DumpedMethod[], rules: Ruleset): string[] {
  const found = new Set<string>();
  for (const { ref, references } of methods) {
    const strings = new Set(references.filter(({ kind }) => kind === "string").map(({ value }) => value));
    const calls = references.filter(({ kind }) => kind === "method").map(({ value }) => value.slice(value.indexOf("->")));
    for (const { rule, api, name } of apisOf(rules)) {
      if (api.argument === undefined || !api.argument["one-of"].some((text) => strings.has(text))) continue;
      if (calls.includes(name.slice(name.indexOf("->")))) found.add(`${rule.id} ${name} ${ref}`);
    }
  }
  return [...found].sort();
}

interface NamedApi {
  readonly rule: ApiRule;
  readonly api: Api;
  readonly name: string;
}

const named = new WeakMap<Ruleset, NamedApi[]>();

function apisOf(rules: Ruleset): readonly NamedApi[] {
  const known = named.get(rules);
  if (known !== undefined) return known;
  const apis = rules.apis.flatMap((rule) =>
    rule.apis.flatMap((api) => {
      const name = api.method ?? api.field ?? api["content-uri"];
      return name === undefined ? [] : [{ rule, api, name }];
    }),
  );
  named.set(rules, apis);
  return apis;
}

function names(api: Api, { kind, value }: DumpedReference, rules: Ruleset): boolean {
  if (api.field !== undefined) return kind === "field" && value === api.field;
  if (api.method !== undefined) {
    if (kind !== "method") return false;
    return api.method.endsWith("(*)*") ? value.startsWith(api.method.slice(0, -3)) : value === api.method;
  }
  return kind === "string" && value.startsWith("content://") && longestUri(value, rules) === api["content-uri"];
}

function longestUri(text: string, rules: Ruleset): string | undefined {
  const fitting = apisOf(rules)
    .map(({ name }) => name)
    .filter((name) => text === name || text.startsWith(`${name}/`) || text.startsWith(`${name}?`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

function isOwn(name: string, code: readonly string[]): boolean {
  return code.some((prefix) => name.startsWith(prefix));
}

function add(uses: UsesByApi, key: string, place: string): void {
  uses[key] = [...(uses[key] ?? []), place];
}

function sorted(uses: UsesByApi): UsesByApi {
  return Object.fromEntries(Object.entries(uses).map(([key, places]) => [key, places.sort()]));
}
