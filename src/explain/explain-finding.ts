import { type Finding, type FindingKind, findingKinds } from "../findings/index.js";
import { describePermission, listPractices } from "./explain-party.js";
import type { AccessFact, ExplanationBody } from "./explanation.js";
import { isAboutData, parseFindingId } from "./find-subject.js";
import { type Knowledge, permissionsOfRule } from "./knowledge.js";
import { listAccess } from "./list-access.js";
import { isGiven, listFlows } from "./list-flows.js";
import { listRemedies, removePermission } from "./remedies.js";

/** A kind of finding: what it says and why it matters; with an app, those of the kind. */
export function explainFindingKind(id: string, knowledge: Knowledge): ExplanationBody {
  const { why } = findingKinds[id as FindingKind];
  const findings = knowledge.result?.findings.filter(({ kind }) => kind === id);
  return {
    is: why,
    ...(findings === undefined ? {} : { findings }),
    remedies: [],
    sources: [],
  };
}

/** One finding: what it rests on and what can be done; without an app, what it would mean. */
export function explainFinding(id: string, knowledge: Knowledge): ExplanationBody {
  const finding = knowledge.result?.findings.find((one) => one.id === id);
  const parts = parseFindingId(id);
  const kind = finding?.kind ?? parts!.kind;
  const party = finding?.party ?? parts?.party ?? "first-party";
  const dataType = isAboutData(kind) ? (finding?.dataType ?? parts?.about) : undefined;
  const names =
    finding?.permissions ?? (isAboutData(kind) || parts === undefined ? [] : parts.about.split("+"));
  const { why } = findingKinds[kind];
  const permissions = names.map((name) => describePermission(name, knowledge));
  const access =
    kind !== "data-access" || dataType === undefined
      ? undefined
      : listAccess(knowledge, { isParty: (one) => one === party, isDataType: (one) => one === dataType });
  const owners = knowledge.rules.get(party)?.rule.vendor;
  const presence = knowledge.presenceOf(party);
  const about = dataType ?? names.join(", ");
  return {
    is: `${party === "first-party" ? "The app" : knowledge.nameOf(party)}: ${about}. ${why}`,
    ...(owners === undefined ? {} : { owners: knowledge.ownersOf(owners) }),
    ...(presence === undefined ? {} : { presence }),
    ...(permissions.length === 0 ? {} : { permissions }),
    ...(access === undefined ? {} : { access }),
    ...(finding === undefined || dataType === undefined ? {} : flowsBehind(finding, dataType, knowledge)),
    ...(finding === undefined ? {} : { findings: [finding] }),
    ...(dataType === undefined
      ? {}
      : {
          practices: listPractices(party, knowledge).filter((practice) => practice.dataType === dataType),
        }),
    remedies: [
      ...listRemedies(party, knowledge).filter((remedy) => remedy.kind !== "remove-permission"),
      ...[...new Set([...names, ...permissionsBehind(access ?? [], knowledge)])].flatMap((name) =>
        removePermission(name, knowledge, party),
      ),
    ],
    sources: [
      ...knowledge.sourcesOfParty(party),
      ...names.flatMap((name) => knowledge.sourcesOfPermission(name)),
    ],
  };
}

/** The flows that a finding rests on; of what is given, also the calls that give it. */
function flowsBehind(finding: Finding, dataType: string, knowledge: Knowledge) {
  const ids = new Set(finding.flows);
  const flows = knowledge.result?.flows?.filter(({ id }) => ids.has(id)) ?? [];
  const parties = new Set([finding.party, ...flows.map(({ source }) => source.party)]);
  return listFlows(knowledge, {
    isFlow: ({ id }) => ids.has(id),
    isHandOver: (handOver) =>
      finding.kind === "data-hand-over" && handOver.party === finding.party && isGiven(handOver, dataType),
    isParty: (party) => parties.has(party),
  });
}

/** The permissions that the calls behind an access need. */
function permissionsBehind(access: readonly AccessFact[], knowledge: Knowledge): string[] {
  const rules = new Set(access.flatMap(({ accesses }) => accesses.map(({ yields }) => yields)));
  return [...rules].flatMap((id) => {
    const rule = knowledge.apis.get(id);
    return rule === undefined ? [] : permissionsOfRule(rule);
  });
}
