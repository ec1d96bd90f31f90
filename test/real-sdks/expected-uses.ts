import type { Api, Ruleset } from "../../src/ruleset/index.js";
import type { DumpedMethod, DumpedReference } from "./read-dexdump.js";

/** Where code uses an API: `<caller> <code unit>`. */
export type UsesByApi = Record<string, string[]>;

/**
 * What dexdump's words and the rules make one expect of a party's code: calls, field reads and content
 * URIs that count whatever is passed, as `<rule> <api>`.
 *
 * @param code the party's class prefixes: a library's use of its own API is no access
 */
export function findPlainUses(
  methods: readonly DumpedMethod[],
  rules: Ruleset,
  code: readonly string[],
): UsesByApi {
  const apis = listApis(rules).filter(
    ({ api, name }) => api.argument === undefined && !code.some((prefix) => name.startsWith(prefix)),
  );
  const find = apiFinder(apis);
  const uses: UsesByApi = {};
  for (const { ref, references } of methods) {
    for (const reference of references) {
      for (const { rule, name } of find(reference)) {
        uses[`${rule} ${name}`] = [...(uses[`${rule} ${name}`] ?? []), `${ref} ${reference.codeUnit}`];
      }
    }
  }
  return Object.fromEntries(Object.entries(uses).map(([key, places]) => [key, places.sort()]));
}

/**
 * The methods that hold both a call that counts with a constant and that constant, as
 * `<rule> <api> <caller>`, sorted. Whether the constant is what is passed, this does not see.
 */
export function findArgumentCandidates(methods: readonly DumpedMethod[], rules: Ruleset): string[] {
  const apis = listApis(rules).filter(({ api }) => api.argument !== undefined);
  const found = new Set<string>();
  for (const { ref, references } of methods) {
    const strings = new Set(references.filter(({ kind }) => kind === "string").map(({ value }) => value));
    const calls = new Set(references.flatMap(callNames));
    for (const { rule, api, name } of apis) {
      if (!api.argument!["one-of"].some((text) => strings.has(text))) continue;
      if (calls.has(name) || calls.has(memberOf(name))) found.add(`${rule} ${name} ${ref}`);
    }
  }
  return [...found].sort();
}

/** What a call may be named in a rule: with its class, and, where a subclass may inherit it, without. */
function callNames({ kind, value, isVirtual }: DumpedReference): string[] {
  if (kind !== "method") return [];
  return isVirtual ? [value, memberOf(value)] : [value];
}

function memberOf(name: string): string {
  return name.slice(name.indexOf("->"));
}

/** An API of the rules under the name that code has for it. */
interface NamedApi {
  readonly rule: string;
  readonly api: Api;
  readonly name: string;
}

function listApis(rules: Ruleset): NamedApi[] {
  return rules.apis.flatMap(({ id, apis }) =>
    apis.flatMap((api) => {
      const name = api.method ?? api.field ?? api["content-uri"];
      return name === undefined ? [] : [{ rule: id, api, name }];
    }),
  );
}

/** Finds the APIs that an instruction uses. */
function apiFinder(apis: readonly NamedApi[]): (reference: DumpedReference) => readonly NamedApi[] {
  const byName = new Map<string, NamedApi[]>();
  for (const item of apis) byName.set(item.name, [...(byName.get(item.name) ?? []), item]);
  const uris = apis
    .filter(({ api }) => api["content-uri"] !== undefined)
    .sort((a, b) => b.name.length - a.name.length);
  return ({ kind, value }) => {
    if (kind === "string") {
      const uri = uris.find(
        ({ name }) => value === name || value.startsWith(`${name}/`) || value.startsWith(`${name}?`),
      );
      return uri === undefined ? [] : [uri];
    }
    const anyOverload = kind === "method" ? `${value.slice(0, value.indexOf("("))}(*)*` : "";
    return [...(byName.get(value) ?? []), ...(byName.get(anyOverload) ?? [])];
  };
}
