import {
  type AuditResult,
  type Finding,
  type FindingKind,
  type FlowSummary,
  findingKinds,
} from "../findings/index.js";
import { describeFinding, type FindingIndex, flowsOf, indexResult } from "./finding-text.js";
import { listWay, sayFlow, sayLeftOut, sayStep, type WayStep } from "./flow-text.js";
import { printable } from "./printable-text.js";
import { joinChain, sayChain } from "./reach-text.js";
import {
  automationDetails,
  codeLocation,
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
 * audit says what is so, and a policy what is wrong. Code flows are the ways of values, from source to sink; and those by
 * which code comes to run: the shortest, and that before consent.
 */
export function renderSarifRun(result: AuditResult): string {
  const index = indexResult(result);
  const artifacts = new SarifArtifacts(result.app);
  const results = result.findings.map((finding) => describeResult(finding, index, artifacts));
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

function describeResult(finding: Finding, index: FindingIndex, artifacts: SarifArtifacts): SarifObject {
  const party = index.parties.get(finding.party);
  const { id, kind, dataType, permissions, rung, reach, confidence, limits, evidence } = finding;
  const { codeFlows, flowsNotShown } = describeCodeFlows(finding, index, artifacts);
  const logical = evidence.find(({ caller }) => caller !== undefined);
  return {
    ruleId: kind,
    ruleIndex: kinds.indexOf(kind),
    level: "note",
    message: message(describeFinding(finding, index)),
    locations: [
      {
        physicalLocation: artifacts.app(),
        ...(logical === undefined
          ? {}
          : { logicalLocations: evidenceLocation(logical, 0, artifacts).logicalLocations }),
      },
    ],
    relatedLocations: evidence.map((item, index) => evidenceLocation(item, index + 1, artifacts)),
    ...(codeFlows.length === 0 ? {} : { codeFlows }),
    partialFingerprints: fingerprint(id),
    properties: {
      party: finding.party,
      ...(party === undefined ? {} : { partyKind: party.kind, partyName: party.name }),
      ...(party?.vendor === undefined ? {} : { vendor: party.vendor.name }),
      ...(dataType === undefined ? {} : { dataType }),
      ...(permissions === undefined ? {} : { permissions }),
      ...(rung === undefined ? {} : { rung }),
      ...(reach === undefined ? {} : { beforeConsent: reach.beforeConsent !== undefined }),
      ...(flowsNotShown === 0 ? {} : { flowsNotShown }),
      confidence,
      limits: limits.map(({ message }) => message),
    },
  };
}

/** Flows of one result that stand in it, and steps of each: GitHub shows 1,000 steps of a result. */
const MOST_FLOWS = 20;
const MOST_STEPS = 40;

/** First the ways of the value, as these go furthest, then how the code comes to run. */
function describeCodeFlows(
  finding: Finding,
  index: FindingIndex,
  artifacts: SarifArtifacts,
): { codeFlows: SarifObject[]; flowsNotShown: number } {
  const { flows = [], flowsOmitted = 0, reach } = finding;
  const shown = flowsOf(finding, index).slice(0, MOST_FLOWS);
  const nameOf = (id: string) => printable(index.parties.get(id)?.name ?? id, 80);
  return {
    codeFlows: [
      ...shown.map((flow) => describeFlow(flow, nameOf, artifacts)),
      ...(reach === undefined ? [] : describeReach(reach)),
    ],
    flowsNotShown: flows.length + flowsOmitted - shown.length,
  };
}

/** Kinds of a step (3.38.8): SARIF's own, and what no word of its own says. */
const stepKinds: Readonly<Record<WayStep["role"], readonly string[]>> = {
  source: ["source", "acquire", "value"],
  between: ["value"],
  sink: ["sink", "release", "value"],
};

/** The way of a value is a code flow of one thread, an instruction a step. */
function describeFlow(
  flow: FlowSummary,
  nameOf: (party: string) => string,
  artifacts: SarifArtifacts,
): SarifObject {
  const locations = listWay(flow, MOST_STEPS).map((step): SarifObject => {
    const { role, entry, caller, codeUnit, leftOut } = step;
    const left = leftOut === undefined ? "" : `${sayLeftOut(leftOut)}; `;
    return {
      location: codeLocation({ entry, caller, codeUnit }, left + sayStep(step, flow), artifacts),
      kinds: stepKinds[role],
      importance: role === "between" ? "important" : "essential",
      ...(leftOut === undefined ? {} : { properties: { stepsLeftOut: leftOut } }),
    };
  });
  return {
    message: message(`${printable(flow.dataType, 60)}: ${sayFlow(flow, nameOf)}`),
    threadFlows: [{ locations }],
    properties: { flow: flow.id },
  };
}

type Reach = NonNullable<Finding["reach"]>;
type ReachChain = NonNullable<Reach["beforeConsent"]>;

/** A way by which code comes to run is a code flow of one thread, a method a step. */
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
