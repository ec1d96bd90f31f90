import type { AutoInit, CodeSwitch, Source } from "./schema.js";

/**
 * What rules say beside what a scan needs: where each fact was seen, notes, and how to keep an SDK out of a
 * build. By id of the rule. Also the form of the second compiled file (`dist/rule-sources.json`), which only
 * explanations load.
 */
export interface RuleSources {
  /** SDKs and support libraries. */
  readonly parties: Readonly<Record<string, PartySources>>;
  readonly vendors: Readonly<Record<string, VendorSources>>;
  readonly apis: Readonly<Record<string, ApiSources>>;
  readonly dataTypes: Readonly<Record<string, SourcesOfTable>>;
  /** By name. */
  readonly permissions: Readonly<Record<string, SourcesOfTable & { readonly note?: string }>>;
}

export interface PartySources {
  readonly site?: string;
  readonly note?: string;
  /** Maven coordinates, without versions. */
  readonly maven?: readonly string[];
  readonly autoInit?: readonly AutoInit[];
  /** Switches that are calls of the app's code. */
  readonly codeSwitches?: readonly CodeSwitch[];
  readonly sources: readonly Source[];
}

export interface VendorSources {
  readonly site?: string;
  readonly privacy?: string;
  readonly checkedOn?: string;
}

export interface ApiSources {
  readonly note?: string;
  /** Notes of the rule's APIs, by their place in it. */
  readonly apiNotes?: Readonly<Record<number, string>>;
  readonly sources: readonly Source[];
}

/** Sources that a whole table of facts has in common. */
export interface SourcesOfTable {
  readonly sources: readonly Source[];
}
