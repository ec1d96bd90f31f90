import { bytesSource } from "../../src/archive/index.js";
import { type AuditRules, attributeSource } from "../../src/audit.js";
import { findVersion } from "../../src/sdk/index.js";
import { auditIdOf, kindOf, type Label, ownerOf } from "./labels.js";

/** How often something was right, said wrongly, and missed. */
export interface Tally {
  right: number;
  wrong: number;
  missed: number;
}

/** What the audit of one binary makes of its label. */
export interface Measured {
  readonly name: string;
  /** SDKs that are there. */
  readonly sdks: Tally;
  readonly supportLibraries: Tally;
  /** Third parties that no rule knows, by the package that owns the code. */
  readonly unrecognised: Tally;
  /** Of the parties whose version is known. */
  readonly versions: Tally;
  /** Classes: given to the right party; to a wrong one; to nobody though their owner is known. */
  readonly classes: Tally;
  /** Each deviation, for people: stable, sorted. */
  readonly deviations: readonly string[];
}

const tally = (): Tally => ({ right: 0, wrong: 0, missed: 0 });

/** Audits a binary with the rules and compares with its label. */
export async function measure(label: Label, bytes: Uint8Array, rules: AuditRules): Promise<Measured> {
  const { app, code, hierarchy, attribution } = await attributeSource(bytesSource(label.name, bytes), rules);
  const deviations = new Map<string, number>();
  const deviate = (text: string) => void deviations.set(text, (deviations.get(text) ?? 0) + 1);
  const measured = {
    sdks: tally(),
    supportLibraries: tally(),
    unrecognised: tally(),
    versions: tally(),
    classes: tally(),
  };
  const compareIds = (count: Tally, kind: string) => {
    const expected = new Set(label.parties.filter((party) => kindOf(party) === kind).map(auditIdOf));
    const found = attribution.parties.filter((party) => party.kind === kind).map(({ id }) => id);
    for (const id of found) {
      if (expected.has(id)) count.right++;
      else {
        count.wrong++;
        deviate(`${kind} ${id}: said, and is not there`);
      }
    }
    for (const id of expected) {
      if (found.includes(id)) continue;
      count.missed++;
      deviate(`${kind} ${id}: missed`);
    }
  };
  compareIds(measured.sdks, "sdk");
  compareIds(measured.supportLibraries, "support-library");
  compareIds(measured.unrecognised, "unrecognised");
  for (const { rule, id } of attribution.parties) {
    const expected = label.parties.find((party) => party.id === id)?.version;
    if (rule === undefined || expected === undefined) continue;
    const version = findVersion(rule, app, hierarchy);
    if (version === expected) measured.versions.right++;
    else if (version === undefined) measured.versions.missed++;
    else measured.versions.wrong++;
    if (version !== expected) deviate(`version of ${id}: ${version ?? "none"}, and it is ${expected}`);
  }
  for (const { dex, packages } of code) {
    for (let index = 0; index < dex.classDefsSize; index++) {
      const descriptor = dex.classDescriptor(index);
      const owner = ownerOf(label, descriptor);
      if (owner === undefined) throw new Error(`${label.name}: no label covers ${descriptor}`);
      const found = attribution.parties[attribution.partyOfPackage[packages[index]!]!]!.id;
      const expected = auditIdOf(owner);
      if (found === expected) measured.classes.right++;
      else {
        if (found === "unattributed") measured.classes.missed++;
        else measured.classes.wrong++;
        deviate(`classes of ${expected}: given to ${found}`);
      }
    }
  }
  return {
    name: label.name,
    ...measured,
    deviations: [...deviations].map(([text, times]) => (times === 1 ? text : `${text} (${times})`)).sort(),
  };
}

/** The sum of some tallies. */
export function addUp(tallies: readonly Tally[]): Tally {
  const sum = tally();
  for (const { right, wrong, missed } of tallies) {
    sum.right += right;
    sum.wrong += wrong;
    sum.missed += missed;
  }
  return sum;
}

/** Of what was said, how much is right; of what is there, how much was said: 0 to 1, 1 of nothing. */
export function rates({ right, wrong, missed }: Tally): { precision: number; recall: number } {
  return {
    precision: right + wrong === 0 ? 1 : right / (right + wrong),
    recall: right + missed === 0 ? 1 : right / (right + missed),
  };
}
