import { type AuditResult, type Finding, type FindingKind, findingKinds } from "../findings/index.js";
import { describeFinding, indexParties } from "./finding-text.js";
import { printable } from "./printable-text.js";
import { joinChain, sayChain } from "./reach-text.js";
import {
  automationDetails,
  describeDriver,
  evidenceLocation,
  fingerprint,
  message,
  methodLocation,
  pascalName,
  renderRun,
  SarifArtifacts,
  type SarifObject,
} from "./sarif-run.js";

const kinds = Object.keys(findingKinds) as FindingKind[];

/**
 * The findings of a result as a run of a SARIF log (`sarifFrame` has what stands around runs). All are notes: an
 * audit says what is so, and a policy what is wrong. Code flows are ways by which code comes to run: the shortest, and
 * that before consent.
 */
export function renderSarifRun(result: AuditResult): string {
  const parties = indexParties(result);
  const artifacts = new SarifArtifacts(result.app);
  const results = result.findings.map((finding) => describeResult(finding, parties, artifacts, result.depth));
  return renderRun({
    tool: describeDriver(result.tool, kinds.map(describeRule)),
    automationDetails: automationDetails("scan", result.app),
    invocations: [describeInvocation(result, artifacts)],
    columnKind: "utf16CodeUnits",
    artifacts: artifacts.list,
    results,
    properties: { depth: result.depth, attributedShare: result.coverage.attributedShare },
  });
}

function describeRule(kind: FindingKind): SarifObject {
  const { title, why } = findingKinds[kind];
  return {
    id: kind,
    name: pascalName(kind),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: why },
    help: { text: `${why}\n\nMore about a finding: bycatch explain <id> app.apk` },
    defaultConfiguration: { level: "note" },
    properties: { tags: ["privacy", "third-party"] },
  };
}

function describeResult(
  finding: Finding,
  parties: ReturnType<typeof indexParties>,
  artifacts: SarifArtifacts,
  depth: AuditResult["depth"],
): SarifObject {
  const party = parties.get(finding.party);
  const { id, kind, dataType, permissions, rung, reach, confidence, limits, evidence } = finding;
  const logical = evidence.find(({ caller }) => caller !== undefined);
  return {
    ruleId: kind,
    ruleIndex: kinds.indexOf(kind),
    level: "note",
    message: message(describeFinding(finding, party, depth)),
    locations: [
      {
        physicalLocation: artifacts.app(),
        ...(logical === undefined
          ? {}
          : { logicalLocations: evidenceLocation(logical, 0, artifacts).logicalLocations }),
      },
    ],
    relatedLocations: evidence.map((item, index) => evidenceLocation(item, index + 1, artifacts)),
    ...(reach === undefined ? {} : { codeFlows: describeReach(reach) }),
    partialFingerprints: fingerprint(id),
    properties: {
      party: finding.party,
      ...(party === undefined ? {} : { partyKind: party.kind, partyName: party.name }),
      ...(party?.vendor === undefined ? {} : { vendor: party.vendor.name }),
      ...(dataType === undefined ? {} : { dataType }),
      ...(permissions === undefined ? {} : { permissions }),
      ...(rung === undefined ? {} : { rung }),
      ...(reach === undefined ? {} : { beforeConsent: reach.beforeConsent !== undefined }),
      confidence,
      limits: limits.map(({ message }) => message),
    },
  };
}

type Reach = NonNullable<Finding["reach"]>;
type ReachChain = NonNullable<Reach["beforeConsent"]>;

/** A way is a code flow of one thread, a method a step. */
function describeReach(reach: Reach): SarifObject[] {
  const { beforeConsent } = reach;
  const isEarly = beforeConsent !== undefined && joinChain(beforeConsent) === joinChain(reach);
  const flow = (chain: ReachChain, what: string): SarifObject => ({
    message: message(`${what} ${sayChain(chain)}`),
    threadFlows: [{ locations: chain.chain.map((method) => ({ location: methodLocation(method) })) }],
  });
  return [
    flow(reach, isEarly ? "Can run before consent," : "Can run"),
    ...(beforeConsent === undefined || isEarly ? [] : [flow(beforeConsent, "Before consent")]),
  ];
}

/** A part that was not read makes an audit less than a success: what it hides is in no result. */
function describeInvocation({ diagnostics, coverage }: AuditResult, artifacts: SarifArtifacts): SarifObject {
  return {
    executionSuccessful: coverage.unread.length === 0,
    toolExecutionNotifications: diagnostics.map(({ effect, code, part, message: text }) => ({
      descriptor: { id: code },
      level: effect === "unread" ? "error" : "note",
      message: message(printable(text.includes(part) ? text : `${part}: ${text}`)),
      locations: [{ physicalLocation: artifacts.entry(part) }],
    })),
  };
}
