import type { Evidence } from "../evidence/index.js";
import {
  type AccessSummary,
  type AuditResult,
  type Finding,
  leavesNothing,
  type PartySummary,
  type Rung,
  rungOfAccesses,
} from "../findings/index.js";
import type { DataType } from "../ruleset/index.js";
import type { Confidence, PartyKind } from "../sdk/index.js";
import type { DataSafetyForm, DeclaredUse } from "./data-safety-form.js";

/** APIs of one party's access to a data type of which a place is kept. */
const MOST_PLACES = 3;

/** Who is responsible for code, or for an SDK. */
export interface ResponsibleParty {
  readonly id: string;
  readonly kind: PartyKind;
  /** As in "code of …": of the first party and of code that is nobody's in words, whatever the app's package is. */
  readonly name: string;
  readonly vendor?: { readonly id: string; readonly name: string };
  /** That it is in the app. */
  readonly confidence: Confidence;
}

/** What a vendor says that its SDK does with a data type. */
export interface DocumentedUse {
  readonly collected: boolean;
  readonly shared?: boolean;
  readonly purposes?: readonly string[];
  /** The vendor's page. */
  readonly source: string;
  /** The day on which it was read, ISO 8601. */
  readonly readOn: string;
}

/** That code of a party refers to what yields a data type. */
export interface ObservedAccess {
  readonly rung: Rung;
  readonly confidence: Confidence;
  /** That something is left of the data under the limits. */
  readonly isOpen: boolean;
  /** Places in the code: all of them. */
  readonly callSites: number;
  /** What limits the least limited access. */
  readonly limits: Finding["limits"];
  /** Ids of the report's findings; only third parties have some. */
  readonly findings: readonly string[];
  /** A place of each of the best accesses, with the API, or the content URI, that it refers to. */
  readonly places: readonly { readonly api: string; readonly evidence: Evidence }[];
}

/** All that is known of one of Google Play's data types in a build. */
export interface DataTypeFacts {
  /** Its id. */
  readonly dataType: string;
  readonly name: string;
  readonly category: string;
  /**
   * What the form declares; absent where there is none, or where it says nothing of this data type, or that the app
   * collects nothing at all.
   */
  readonly declared?: DeclaredUse;
  /** Parties whose code refers to it, or whose vendors speak of it. */
  readonly parties: readonly {
    readonly party: ResponsibleParty;
    readonly documented: readonly DocumentedUse[];
    readonly observed?: ObservedAccess;
  }[];
}

/** Data types of which anything is known, in the form's order; parties in the order of the result. */
export function gatherDataTypes(
  result: AuditResult,
  dataTypes: readonly DataType[],
  form: DataSafetyForm | undefined,
): DataTypeFacts[] {
  const accesses = groupAccesses(result);
  const findings = new Map(
    result.findings.filter(({ kind }) => kind === "data-access").map((finding) => [keyOf(finding), finding]),
  );
  return dataTypes.flatMap(({ id, name, category }): DataTypeFacts[] => {
    const parties = result.parties.flatMap((party): DataTypeFacts["parties"][number][] => {
      const documented = (party.practices ?? [])
        .filter(({ dataType }) => dataType === id)
        .map(({ dataType: _, ...use }) => use);
      const key = keyOf({ party: party.id, dataType: id });
      const observed = observe(accesses.get(key) ?? [], findings.get(key));
      if (documented.length === 0 && observed === undefined) return [];
      return [{ party: describe(party), documented, ...(observed === undefined ? {} : { observed }) }];
    });
    const use = form?.collects === false ? undefined : form?.dataTypes.get(id);
    const declared = use?.isChosen ? use : undefined;
    if (parties.length === 0 && declared === undefined) return [];
    return [{ dataType: id, name, category, ...(declared === undefined ? {} : { declared }), parties }];
  });
}

const NAMES: Partial<Record<PartyKind, string>> = {
  "first-party": "the app itself",
  unattributed: "unknown owners",
};

function describe({ id, kind, name, vendor, confidence }: PartySummary): ResponsibleParty {
  return {
    id,
    kind,
    name: NAMES[kind] ?? name,
    ...(vendor === undefined ? {} : { vendor: { id: vendor.id, name: vendor.name } }),
    confidence,
  };
}

function observe(
  accesses: readonly AccessSummary[],
  finding: Finding | undefined,
): ObservedAccess | undefined {
  const sorted = [...accesses].sort(compareAccesses);
  const [best] = sorted;
  if (best === undefined) return undefined;
  const { confidence, limits } = finding ?? best;
  return {
    rung: finding?.rung ?? rungOfAccesses(accesses),
    confidence,
    isOpen: isOpen(limits),
    callSites: accesses.reduce((sum, { callSites }) => sum + callSites, 0),
    limits,
    findings: finding === undefined ? [] : [finding.id],
    places: sorted
      .flatMap(({ api, evidence }) => evidence.slice(0, 1).map((one) => ({ api, evidence: one })))
      .slice(0, MOST_PLACES),
  };
}

/** What leaves data first, then the surer, then the less limited: as findings have it. */
function compareAccesses(a: AccessSummary, b: AccessSummary): number {
  const rank = ({ confidence }: AccessSummary) => ["certain", "likely", "possible"].indexOf(confidence);
  return (
    Number(isOpen(b.limits)) - Number(isOpen(a.limits)) ||
    rank(a) - rank(b) ||
    a.limits.length - b.limits.length
  );
}

function isOpen(limits: Finding["limits"]): boolean {
  return !leavesNothing(limits);
}

function groupAccesses({ accesses }: AuditResult): Map<string, AccessSummary[]> {
  const groups = new Map<string, AccessSummary[]>();
  for (const access of accesses) {
    const group = groups.get(keyOf(access));
    if (group === undefined) groups.set(keyOf(access), [access]);
    else group.push(access);
  }
  return groups;
}

function keyOf({ party, dataType }: { readonly party: string; readonly dataType?: string }): string {
  return JSON.stringify([party, dataType]);
}
