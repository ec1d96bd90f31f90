import type { AuditResult, BlindSpotSummary, HandOverSummary } from "../findings/index.js";
import { compareText, groupBy } from "./arrange-parties.js";

/** What the app's own code hands over to one party. */
export interface PartyHandOvers {
  /** The receiver's id. */
  readonly party: string;
  readonly dataTypes: readonly string[];
  readonly events: readonly string[];
  readonly properties: readonly string[];
  /** Smali references of the methods that are called. */
  readonly apis: readonly string[];
  /** Methods of the app's own that call them. */
  readonly callers: number;
  readonly handOvers: readonly HandOverSummary[];
}

/** By receiver, most data types first. */
export function arrangeHandOvers({ handOvers = [] }: AuditResult): PartyHandOvers[] {
  return [...groupBy(handOvers, ({ party }) => party)]
    .map(([party, own]) => ({
      party,
      dataTypes: union(own, ({ dataTypes, passes = [] }) => [...dataTypes, ...passes]),
      events: union(own, ({ events }) => events),
      properties: union(own, ({ properties }) => properties),
      apis: union(own, ({ api }) => [api]),
      callers: new Set(own.map(({ caller }) => caller)).size,
      handOvers: own,
    }))
    .sort((a, b) => b.dataTypes.length - a.dataTypes.length || compareText(a.party, b.party));
}

/** Blind spots of one kind, of the party that has most first. */
export interface KindOfBlindSpot {
  readonly kind: BlindSpotSummary["kind"];
  readonly sites: number;
  readonly spots: readonly BlindSpotSummary[];
}

/** What each kind is called, in the order in which they are told. */
export const blindSpotWords: Readonly<Record<BlindSpotSummary["kind"], string>> = {
  reflection: "names looked up at run time",
  "native-method": "native methods",
  "native-library": "native libraries loaded",
  "dynamic-code": "code loaded at run time",
  "web-view": "pages in a WebView",
  "web-view-bridge": "objects that a WebView's scripts can call",
};

/** Those that there are. */
export function arrangeBlindSpots({ blindSpots = [] }: AuditResult): KindOfBlindSpot[] {
  const byKind = groupBy(blindSpots, ({ kind }) => kind);
  return (Object.keys(blindSpotWords) as BlindSpotSummary["kind"][]).flatMap((kind) => {
    const spots = byKind.get(kind);
    if (spots === undefined) return [];
    const sorted = [...spots].sort((a, b) => b.sites - a.sites || compareText(a.party, b.party));
    return [{ kind, sites: spots.reduce((sum, { sites }) => sum + sites, 0), spots: sorted }];
  });
}

function union<Item>(items: readonly Item[], valuesOf: (item: Item) => readonly string[]): string[] {
  return [...new Set(items.flatMap(valuesOf))].sort(compareText);
}
