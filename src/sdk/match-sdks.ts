import type { Limits } from "../diagnostics/index.js";
import type { Evidence, EvidenceKind } from "../evidence/index.js";
import type { PartyRule, RuleIndex } from "../ruleset/index.js";
import { findHost } from "./find-host.js";
import type { Confidence } from "./party.js";
import type { SeenApp, SeenString } from "./seen-app.js";

/** A rule's signatures satisfied by an app. */
export interface SdkMatch {
  readonly party: PartyRule;
  readonly confidence: Confidence;
  /** Strongest first, at most `Limits.evidencePerItem`. */
  readonly evidence: readonly [Evidence, ...Evidence[]];
}

/** What a witness of a kind is worth alone; see rules/README.md. */
const WORTH: Partial<Record<EvidenceKind, Confidence>> = {
  class: "certain",
  component: "likely",
  authority: "likely",
  "defines-permission": "likely",
  "meta-data": "possible",
  "native-library": "possible",
  file: "possible",
  string: "possible",
  host: "possible",
};

/** What a signature of a kind, as rules name it, is worth alone; `undefined` of a host, which makes no match. */
export function worthOf(signatureKind: string): Confidence | undefined {
  if (signatureKind === "host") return undefined;
  return WORTH[signatureKind === "class-prefix" ? "class" : (signatureKind as EvidenceKind)];
}

/**
 * Matches the rules' signatures against an app. Sorted by the rules' order.
 *
 * @param ownRoots `Lcom/acme/`: package trees of the first party, whose strings are no witnesses
 */
export function matchSdks(
  app: SeenApp,
  rules: RuleIndex,
  limits: Limits,
  ownRoots: readonly string[] = [],
): SdkMatch[] {
  const seen = new Map<PartyRule, Evidence[]>();
  const note = (party: PartyRule, evidence: Evidence) => {
    const list = seen.get(party);
    if (list === undefined) seen.set(party, [evidence]);
    else list.push(evidence);
  };
  findClassWitnesses(app, rules, note);
  findManifestWitnesses(app, rules, note);
  findEntryWitnesses(app, rules, note);
  // The app's makers name an SDK's texts too: they read its settings, and call its servers.
  const strings = app.strings.filter(({ holder }) => !ownRoots.some((root) => holder.startsWith(root)));
  findStringWitnesses(strings, rules, note);
  noteHosts(strings, rules, seen);
  return rules.parties.flatMap((party) => {
    const evidence = seen.get(party);
    return evidence === undefined ? [] : [judgeMatch(party, evidence, limits)];
  });
}

type Note = (party: PartyRule, evidence: Evidence) => void;

function findClassWitnesses({ packages }: SeenApp, rules: RuleIndex, note: Note): void {
  for (const { name, example, entry } of packages) {
    const party = rules.findOwner(name);
    if (party !== undefined) note(party, { kind: "class", entry, value: example });
  }
}

function findManifestWitnesses(app: SeenApp, rules: RuleIndex, note: Note): void {
  const entry = "AndroidManifest.xml";
  for (const name of app.components) {
    for (const party of rules.findWitnessed("component", name))
      note(party, { kind: "component", entry, value: name });
  }
  for (const authority of app.authorities) {
    for (const party of findOwnedName("authority", authority, app.applicationId, rules)) {
      note(party, { kind: "authority", entry, value: authority });
    }
  }
  for (const name of app.permissions) {
    for (const party of findOwnedName("defines-permission", name, app.applicationId, rules)) {
      note(party, { kind: "defines-permission", entry, value: name });
    }
  }
  for (const name of app.metaData) {
    for (const party of rules.findWitnessed("meta-data", name))
      note(party, { kind: "meta-data", entry, value: name });
  }
}

/** Stands for the app's package in rules. */
const APPLICATION_ID = "${applicationId}";

/** A name as it is, and with the app's own package at its beginning or end put back to `${applicationId}`. */
function findOwnedName(
  kind: "authority" | "defines-permission",
  name: string,
  applicationId: string,
  rules: RuleIndex,
): readonly PartyRule[] {
  const owners = [...rules.findWitnessed(kind, name)];
  if (applicationId === "") return owners;
  if (name.startsWith(`${applicationId}.`))
    owners.push(...rules.findWitnessed(kind, APPLICATION_ID + name.slice(applicationId.length)));
  if (name.endsWith(`.${applicationId}`))
    owners.push(...rules.findWitnessed(kind, name.slice(0, -applicationId.length) + APPLICATION_ID));
  return owners;
}

/** Files are asked for by the rules' names: an archive has thousands of entries, and hardly any is a witness. */
function findEntryWitnesses(app: SeenApp, rules: RuleIndex, note: Note): void {
  for (const name of rules.valuesOf("file")) {
    if (!app.hasEntry(name)) continue;
    for (const party of rules.findWitnessed("file", name))
      note(party, { kind: "file", entry: name, value: name });
  }
  const perhaps = rules.entryNamePattern();
  for (const name of app.entryNames) {
    if (!perhaps.test(name)) continue;
    const library = /^lib\/[^/]+\/([^/]+\.so)$/.exec(name)?.[1];
    for (const party of library === undefined ? [] : rules.findWitnessed("native-library", library))
      note(party, { kind: "native-library", entry: name, value: library! });
    for (const party of rules.findByFilePattern(name))
      note(party, { kind: "file", entry: name, value: name });
  }
}

/**
 * A string in the code of another party that a rule knows is that party's business: a mediation adapter names
 * the network that it adapts to.
 */
function findStringWitnesses(strings: readonly SeenString[], rules: RuleIndex, note: Note): void {
  for (const { text, holder, evidence } of strings) {
    for (const party of rules.findWitnessed("string", text)) {
      const owner = rules.findOwner(holder);
      if (owner === undefined || owner === party) note(party, evidence());
    }
  }
}

/** A host makes no match, since anybody's code may name it; it is one witness more for what others tell of. */
function noteHosts(
  strings: readonly SeenString[],
  rules: RuleIndex,
  seen: ReadonlyMap<PartyRule, Evidence[]>,
): void {
  const noted = new Set<string>();
  for (const { text, holder, evidence } of strings) {
    const host = findHost(text, rules);
    if (host === undefined) continue;
    for (const party of rules.findHostOwners(host)) {
      const list = seen.get(party);
      const owner = rules.findOwner(holder);
      const key = `${party.rule.id} ${host}`;
      if (list === undefined || noted.has(key) || (owner !== undefined && owner !== party)) continue;
      noted.add(key);
      list.push({ ...evidence(), kind: "host", value: host });
    }
  }
}

/**
 * Two kinds of witness are worth a step more than the better of them alone, but nothing is `certain` without a
 * class.
 */
function judgeMatch(party: PartyRule, evidence: readonly Evidence[], limits: Limits): SdkMatch {
  const steps: readonly Confidence[] = ["certain", "likely", "possible"];
  const kinds = new Set(evidence.map(({ kind }) => kind));
  const best = Math.min(...[...kinds].map((kind) => steps.indexOf(WORTH[kind] ?? "possible")));
  const joined = kinds.size > 1 ? Math.max(0, best - 1) : best;
  // What stayed behind in a manifest or an archive is no code: certain is only what has classes.
  const confidence = steps[kinds.has("class") ? joined : Math.max(1, joined)]!;
  const sorted = [...evidence].sort((a, b) => steps.indexOf(WORTH[a.kind]!) - steps.indexOf(WORTH[b.kind]!));
  return {
    party,
    confidence,
    evidence: sorted.slice(0, limits.evidencePerItem) as [Evidence, ...Evidence[]],
  };
}
