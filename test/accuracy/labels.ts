import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type CorpusEntry, corpus } from "../support/fetch-corpus.js";

/** One owner of code in a real binary, as a person judged it; see fixtures/labels/README.md. */
export interface LabelledParty {
  readonly id: string;
  readonly kind?: "first-party" | "sdk" | "support-library" | "unrecognised" | "unattributed";
  readonly version?: string;
  /** Smali prefixes; the longest of a file wins. */
  readonly classes: readonly string[];
  readonly because: string;
}

/** What a real binary truly holds. */
export interface Label {
  /** Name of the file in fixtures/labels. */
  readonly name: string;
  readonly entries: readonly CorpusEntry[];
  readonly parties: readonly LabelledParty[];
}

const folder = fileURLToPath(new URL("../../fixtures/labels/", import.meta.url));

/** All labels, by name. */
export function readLabels(): Label[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml") && file !== "known-deviations.yaml")
    .sort()
    .map((file) => {
      const {
        file: one,
        files,
        parties,
      } = parse(readFileSync(folder + file, "utf8")) as {
        readonly file?: string;
        readonly files?: readonly string[];
        readonly parties: readonly LabelledParty[];
      };
      const entries = (files ?? [one!]).map((path) => {
        const entry = corpus.find((item) => `${item.package}/${item.path}` === path);
        if (entry === undefined) throw new Error(`${file}: corpus.json has no ${path}`);
        return entry;
      });
      return { name: file.replace(/\.yaml$/, ""), entries, parties };
    });
}

/** Kind of a labelled party: two ids say it themselves. */
export function kindOf({ id, kind }: LabelledParty): NonNullable<LabelledParty["kind"]> {
  return kind ?? (id === "first-party" || id === "unattributed" ? id : "sdk");
}

/** The id that the audit gives it. */
export function auditIdOf(party: LabelledParty): string {
  return kindOf(party) === "unrecognised" ? `unrecognised:${party.id}` : party.id;
}

/** The labelled owner of a class: the longest prefix. */
export function ownerOf(label: Label, descriptor: string): LabelledParty | undefined {
  let found: LabelledParty | undefined;
  let length = 0;
  for (const party of label.parties) {
    for (const prefix of party.classes) {
      const fits = prefix.endsWith(";")
        ? descriptor === prefix || descriptor.startsWith(`${prefix.slice(0, -1)}$`)
        : descriptor.startsWith(prefix);
      if (fits && prefix.length > length) [found, length] = [party, prefix.length];
    }
  }
  return found;
}
