import type { Limit } from "../../src/access/index.js";
import type { AccessSummary, AuditResult } from "../../src/findings/index.js";
import type { AccessVerdict, PartyVerdict } from "./verdict.js";

/** What an audit says of a party, in the form of a verdict. */
export type PartySummary = Pick<PartyVerdict, "classes" | "version" | "confidence" | "findings"> & {
  readonly accesses: readonly Pick<AccessVerdict, "yields" | "api" | "confidence" | "at">[];
};

/** The same of a verdict. */
export function summarizeVerdict({
  classes,
  version,
  confidence = "certain",
  findings,
  accesses,
}: PartyVerdict): PartySummary {
  const sorted = accesses.map(({ yields, api, confidence: sure, at }) => ({
    yields,
    api,
    confidence: sure,
    at: [...at].sort(),
  }));
  return {
    classes,
    ...(version === undefined ? {} : { version }),
    confidence,
    findings,
    accesses: sorted.sort(byApi),
  };
}

/** What an audit says of a party; the audit must have kept all evidence. */
export function summarizeParty(result: AuditResult, id: string): PartySummary {
  const party = result.parties.find((item) => item.id === id);
  if (party === undefined) throw new Error(`${id} was not found in the app`);
  const { classes, version, confidence } = party;
  const findings = result.findings.filter((finding) => finding.party === id && finding.rung === "referenced");
  return {
    classes,
    ...(version === undefined ? {} : { version }),
    confidence,
    findings: Object.fromEntries(findings.map((finding) => [finding.dataType!, finding.confidence])),
    accesses: result.accesses
      .filter((access) => access.party === id)
      .map(summarizeAccess)
      .sort(byApi),
  };
}

function summarizeAccess(access: AccessSummary): PartySummary["accesses"][number] {
  const { yields, api, confidence, callSites, evidence } = access;
  const at = evidence.map(({ kind, caller, codeUnit }) => {
    const isPlain = kind === "method-call" || kind === "field-read";
    return `${isPlain ? "" : `${kind}: `}${caller} ${codeUnit}`;
  });
  if (at.length !== callSites)
    throw new Error(`${api}: ${callSites} call sites, but ${at.length} pieces of evidence`);
  return { yields, api, confidence, at: at.sort() };
}

function byApi(a: { yields: string; api: string }, b: { yields: string; api: string }): number {
  const [left, right] = [`${a.yields} ${a.api}`, `${b.yields} ${b.api}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A limit as limits.yaml writes it. */
export function summarizeLimit({ kind, leaves, sinceSdkVersion, permissions }: Limit): string {
  const since = sinceSdkVersion === undefined ? "" : ` since ${sinceSdkVersion}`;
  const of =
    permissions === undefined ? "" : `: ${permissions.map((name) => name.split(".").at(-1)).join(", ")}`;
  return `${kind} ${leaves}${since}${of}`;
}
