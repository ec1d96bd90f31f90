import { basename, dirname } from "node:path";
import { UsageError } from "../diagnostics/index.js";
import { compileFlowRules } from "./compile-flow-rules.js";
import { compileRuleset, type PlacedRule } from "./compile-ruleset.js";
import { findPrefix } from "./find-prefix.js";
import { checkNames, checkPrefixes, joinSharedNames } from "./lint-names.js";
import { complain, complainOfTwo, type PartyFile, valuesOf } from "./lint-party.js";
import { checkOwnApps, checkSites, checkVendors } from "./lint-vendors.js";
import type { RuleComplaint } from "./rule-complaint.js";
import { RuleConflict } from "./rule-conflict.js";
import type { NestedPrefixes, SdkRule } from "./schema.js";

/**
 * What no schema can say of rules: whether they go together, and whether a name is anybody's own. One
 * complaint a mistake, in the order of the files; empty when the rules are in order.
 *
 * `shared-names.yaml` and `nested-prefixes.yaml`, which say what is an exception, are among the files.
 *
 * @param isWhole false where files are missing because they do not check: then that a rule refers to nothing,
 *   or that nothing refers to a file, is no complaint.
 */
export function lintRules(placed: readonly PlacedRule[], isWhole = true): RuleComplaint[] {
  const parties = placed.flatMap((rule): PartyFile[] => {
    const { file } = rule;
    return file.kind === "sdk" || file.kind === "support-library"
      ? [{ placed: rule, kind: file.kind, rule: file.rule }]
      : [];
  });
  const names = joinSharedNames(placed);
  const order = new Map(placed.map(({ path }, index) => [path, index]));
  const orderOf = ({ place }: RuleComplaint) => order.get(place.replace(/:\d+$/, "")) ?? 0;
  return [
    ...(isWhole ? checkTogether(placed) : []),
    ...placed.flatMap(checkPath),
    ...parties.flatMap((party) => checkPrefixes(party, names)),
    ...parties.flatMap((party) => checkNames(party, names)),
    ...parties.flatMap(checkWords),
    ...parties.flatMap(checkExamples),
    ...checkNesting(placed, parties, isWhole),
    ...checkSharedWitnesses(parties),
    ...checkContentUris(placed, parties),
    ...checkSites(placed, parties),
    ...checkOwnApps(placed, parties, names),
    ...checkVendors(placed, parties, isWhole),
    ...checkPermissions(placed),
  ].sort((a, b) => orderOf(a) - orderOf(b));
}

/** What keeps rules from being compiled: the first of it. */
function checkTogether(placed: readonly PlacedRule[]): RuleComplaint[] {
  try {
    compileRuleset(placed);
    compileFlowRules(placed);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const otherPlaces = error instanceof RuleConflict ? error.otherPlaces : [];
    return [{ place: error.where, problem: error.problem, advice: error.fix, otherPlaces }];
  }
}

const FOLDERS = {
  sdk: "sdks",
  "support-library": "support-libraries",
  vendor: "vendors",
  api: "apis",
  flow: "flows",
  "hand-over": "hand-overs",
} as const;

/** A rule is found by its id: the file is named so, and an SDK stands in the folder of its category. */
function checkPath(placed: PlacedRule): RuleComplaint[] {
  const { path, file } = placed;
  if (!(file.kind in FOLDERS) || !("id" in file.rule)) return [];
  const { id } = file.rule;
  const complaints: RuleComplaint[] = [];
  if (basename(path).replace(/\.ya?ml$/, "") !== id) {
    complaints.push(
      complain(
        placed,
        "id:",
        `the id is \`${id}\`, and the file is not named so`,
        `Rename it to ${id}.yaml.`,
      ),
    );
  }
  // Rules of one's own may lie together in any folder; those of a tree like ours stand in their place.
  const segments = dirname(path).split(/[/\\]/);
  const root = segments.findLastIndex((segment) => Object.values<string>(FOLDERS).includes(segment));
  if (root < 0) return complaints;
  const place = segments.slice(root).join("/");
  const wanted =
    file.kind === "sdk" ? `sdks/${file.rule.category}` : FOLDERS[file.kind as keyof typeof FOLDERS];
  if (place !== wanted) {
    const key = file.kind === "sdk" ? "category:" : "id:";
    complaints.push(
      complain(
        placed,
        key,
        `a rule of kind ${file.kind} does not stand in ${place}`,
        `Move it to ${wanted}/.`,
      ),
    );
  }
  return complaints;
}

/** A note is read in a report; what a rule leaves out concerns its authors. */
const AUTHORS_WORDS = /\b(left out|not claimed|no witness|has (its|a) rule|rules of (their|its) own)\b/i;

function checkWords({ placed, kind, rule }: PartyFile): RuleComplaint[] {
  const complaints: RuleComplaint[] = [];
  if (rule.note !== undefined && AUTHORS_WORDS.test(rule.note)) {
    const advice = "Say it in a YAML comment.";
    complaints.push(complain(placed, "note:", "the note speaks to the rule's authors", advice));
  }
  const switches = kind === "sdk" ? ((rule as SdkRule).switches ?? []) : [];
  for (const item of switches) {
    if (item.source !== undefined) continue;
    const name = "meta-data" in item ? item["meta-data"] : item.method;
    const advice = "Cite the vendor's page or code.";
    complaints.push(complain(placed, name, `the switch ${name} has no source`, advice));
  }
  return complaints;
}

/** Kinds of signature that an example can show; a prefix is shown by a class. */
const EXAMPLE_KEYS = { "class-prefix": "class" } as const;

function checkExamples({ placed, rule }: PartyFile): RuleComplaint[] {
  const shown = new Set(rule.examples.present.flatMap((example) => Object.keys(example)));
  for (const [kind, key] of Object.entries(EXAMPLE_KEYS)) {
    if (valuesOf(rule, kind).length > 0 && !shown.has(key)) {
      const advice = `Add a \`${key}\` to examples.present.`;
      return [complain(placed, "present:", "no example shows a class that the rule claims", advice)];
    }
  }
  return [];
}

/** The prefix that a class or package stands in, the longest that is not itself, and whose it is. */
function findOuter(name: string, owners: ReadonlyMap<string, Owned>): Owned | undefined {
  return findPrefix(name.slice(0, name.lastIndexOf("/", name.length - 2) + 1), owners);
}

interface Owned {
  readonly prefix: string;
  readonly owner: PartyFile;
}

function checkNesting(
  placed: readonly PlacedRule[],
  parties: readonly PartyFile[],
  isWhole: boolean,
): RuleComplaint[] {
  const nested = placed.flatMap((rule) =>
    rule.file.kind === "nested-prefixes"
      ? rule.file.rule["nested-prefixes"].map((item) => ({ item, placed: rule }))
      : [],
  );
  const pairOf = ({ inner, outer }: NestedPrefixes) => `${inner} in ${outer}`;
  const meant = new Set(nested.map(({ item }) => pairOf(item)));
  const owners = new Map(
    parties.flatMap((party) =>
      valuesOf(party.rule, "class-prefix").map((prefix) => [prefix, { prefix, owner: party }] as const),
    ),
  );
  const complaints: RuleComplaint[] = [];
  const seen = new Set<string>();
  for (const party of parties) {
    const inside = (descriptor: string, name: string) => {
      const outer = findOuter(descriptor, owners);
      if (outer === undefined || outer.owner === party) return;
      const { id } = outer.owner.rule;
      const pair = `${party.rule.id} in ${id}`;
      if (!meant.has(pair) && !seen.has(pair)) {
        complaints.push(
          complainOfTwo(
            [party.placed, name],
            [outer.owner.placed, outer.prefix],
            `${name} stands in a package of ${id}, which would have it without ${party.rule.id}`,
            "If that is meant, add the pair to nested-prefixes.yaml and say why.",
          ),
        );
      }
      seen.add(pair);
    };
    for (const prefix of valuesOf(party.rule, "class-prefix")) {
      inside(prefix, prefix);
      if (findOuter(prefix, owners)?.owner === party) {
        const problem = `${prefix} is below another prefix of this rule`;
        complaints.push(complain(party.placed, prefix, problem, "Remove it."));
      }
    }
    for (const name of valuesOf(party.rule, "component")) inside(`L${name.replaceAll(".", "/")};`, name);
  }
  for (const { item, placed: rule } of nested) {
    if (!isWhole || seen.has(pairOf(item))) continue;
    const problem = `nothing of ${item.inner} is in ${item.outer}`;
    complaints.push(complain(rule, `inner: ${item.inner},`, problem, "Remove the pair."));
  }
  return complaints;
}

const WITNESS_KINDS = [
  "component",
  "authority",
  "meta-data",
  "defines-permission",
  "native-library",
  "file",
  "string",
  "host",
] as const;

/** A name that two rules give proves neither. */
function checkSharedWitnesses(parties: readonly PartyFile[]): RuleComplaint[] {
  const owners = new Map<string, PartyFile>();
  return parties.flatMap((party) =>
    WITNESS_KINDS.flatMap((kind) =>
      [...new Set(valuesOf(party.rule, kind))].flatMap((value) => {
        const earlier = owners.get(`${kind} ${value}`);
        owners.set(`${kind} ${value}`, earlier ?? party);
        if (earlier === undefined) return [];
        const problem = `the ${kind} ${value} of ${party.rule.id} is also in ${earlier.rule.id}`;
        const advice = "Leave it to the rule whose code it is.";
        return [complainOfTwo([party.placed, value], [earlier.placed, value], problem, advice)];
      }),
    ),
  );
}

/** One text has one meaning: a content URI that is data is no SDK's string. */
function checkContentUris(placed: readonly PlacedRule[], parties: readonly PartyFile[]): RuleComplaint[] {
  const uris = placed.flatMap((rule) =>
    rule.file.kind === "api"
      ? rule.file.rule.apis.flatMap(({ "content-uri": uri }) => (uri === undefined ? [] : [{ uri, rule }]))
      : [],
  );
  return parties.flatMap((party) =>
    valuesOf(party.rule, "string").flatMap((text) => {
      const named = uris.find(({ uri }) => text.startsWith(uri));
      if (named === undefined) return [];
      const problem = `${text} is a content URI that yields data`;
      return [complainOfTwo([party.placed, text], [named.rule, named.uri], problem, "Remove it.")];
    }),
  );
}

/** What an API needs is one permission or another, or all; and each is one that the rules know. */
function checkPermissions(placed: readonly PlacedRule[]): RuleComplaint[] {
  const known = new Set(
    placed.flatMap(({ file }) =>
      file.kind === "permissions" ? file.rule.permissions.map(({ name }) => name) : [],
    ),
  );
  return placed.flatMap((rule): RuleComplaint[] => {
    if (rule.file.kind !== "api") return [];
    const { needs = [], apis } = rule.file.rule;
    return [...needs, ...apis.flatMap((api) => api.needs ?? [])].flatMap((need) => {
      const forms = [need["any-of"], need["all-of"]].filter((names) => names !== undefined);
      if (forms.length !== 1) {
        const problem = "a need names either any-of or all-of";
        return [complain(rule, "needs:", problem, "Give exactly one of the two.")];
      }
      return forms[0]!
        .filter((name) => !known.has(name))
        .map((name) =>
          complain(rule, name, `the permission ${name} is not known`, "Add it to permissions.yaml."),
        );
    });
  });
}
