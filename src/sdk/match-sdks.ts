import type { App } from "../app/index.js";
import type { Limits } from "../diagnostics/index.js";
import type { Evidence, EvidenceKind } from "../evidence/index.js";
import type { AndroidManifest } from "../manifest/index.js";
import type { PackageTable } from "../program/index.js";
import type { PartyRule, RuleIndex } from "../ruleset/index.js";
import type { Confidence } from "./party.js";

/** A characteristic string constant, where it stands. */
export interface SeenString {
  readonly text: string;
  readonly evidence: () => Evidence;
}

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
};

/** Matches the rules' signatures against an app. Sorted by the rules' order. */
export function matchSdks(
  app: App,
  packages: PackageTable,
  strings: readonly SeenString[],
  rules: RuleIndex,
  limits: Limits,
): SdkMatch[] {
  const seen = new Map<PartyRule, Evidence[]>();
  const note = (party: PartyRule, evidence: Evidence) => {
    const list = seen.get(party);
    if (list === undefined) seen.set(party, [evidence]);
    else list.push(evidence);
  };
  findClassWitnesses(packages, rules, note);
  if (app.manifest !== undefined) findManifestWitnesses(app.manifest, rules, note);
  findEntryWitnesses(app, rules, note);
  for (const { text, evidence } of strings)
    for (const party of rules.findWitnessed("string", text)) note(party, evidence());
  return rules.parties.flatMap((party) => {
    const evidence = seen.get(party);
    return evidence === undefined ? [] : [judgeMatch(party, evidence, limits)];
  });
}

type Note = (party: PartyRule, evidence: Evidence) => void;

function findClassWitnesses(packages: PackageTable, rules: RuleIndex, note: Note): void {
  packages.names.forEach((name, number) => {
    const party = rules.findOwner(name);
    if (party === undefined || packages.classes[number] === 0) return;
    note(party, {
      kind: "class",
      entry: packages.exampleEntries[number]!,
      value: packages.examples[number]!,
    });
  });
}

function findManifestWitnesses(manifest: AndroidManifest, rules: RuleIndex, note: Note): void {
  const entry = "AndroidManifest.xml";
  const components = [
    ...manifest.activities,
    ...manifest.services,
    ...manifest.receivers,
    ...manifest.providers,
  ];
  for (const { name } of components) {
    for (const party of rules.findWitnessed("component", name))
      note(party, { kind: "component", entry, value: name });
  }
  for (const authority of manifest.providers.flatMap((provider) => provider.authorities)) {
    for (const party of findOwnedName("authority", authority, manifest.packageName, rules)) {
      note(party, { kind: "authority", entry, value: authority });
    }
  }
  for (const { name } of manifest.permissions) {
    for (const party of findOwnedName("defines-permission", name, manifest.packageName, rules)) {
      note(party, { kind: "defines-permission", entry, value: name });
    }
  }
  const metaData = [
    manifest.application?.metaData ?? [],
    ...components.map((component) => component.metaData),
  ].flat();
  for (const name of new Set(metaData.map((item) => item.name))) {
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
function findEntryWitnesses(app: App, rules: RuleIndex, note: Note): void {
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

/** Two kinds of witness are worth a step more than the better of them alone. */
function judgeMatch(party: PartyRule, evidence: readonly Evidence[], limits: Limits): SdkMatch {
  const steps: readonly Confidence[] = ["certain", "likely", "possible"];
  const kinds = new Set(evidence.map(({ kind }) => kind));
  const best = Math.min(...[...kinds].map((kind) => steps.indexOf(WORTH[kind] ?? "possible")));
  const confidence = steps[kinds.size > 1 ? Math.max(0, best - 1) : best]!;
  const sorted = [...evidence].sort((a, b) => steps.indexOf(WORTH[a.kind]!) - steps.indexOf(WORTH[b.kind]!));
  return {
    party,
    confidence,
    evidence: sorted.slice(0, limits.evidencePerItem) as [Evidence, ...Evidence[]],
  };
}
