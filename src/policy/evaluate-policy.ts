import { type AuditResult, isRungAtLeast, type PartySummary, type Rung, sayGap } from "../findings/index.js";
import { sayDeeper, sayLookedFor } from "./depth-words.js";
import type { Policy } from "./policy.js";
import type { Requirement, Selector } from "./policy-schema.js";
import {
  asksParties,
  BuildView,
  isAtLeast,
  leastRung,
  listOf,
  namesParties,
  PARTY_KEYS,
  type Subject,
} from "./selector.js";
import {
  type CheckResult,
  listFew,
  outcomeOf,
  type Problem,
  type Severity,
  sortProblems,
} from "./verdict.js";

type Rule = Policy["rules"][number];

/** Asks a build each rule of a policy; exceptions are applied afterwards, by {@link applyExceptions}. */
export function evaluatePolicy({ rules }: Policy, result: AuditResult): CheckResult[] {
  const view = new BuildView(result);
  return rules.map((rule) =>
    rule.deny === undefined
      ? checkRequirement(rule, rule.require!, view)
      : checkDenial(rule, rule.deny, view),
  );
}

function checkDenial(rule: Rule, deny: Selector, view: BuildView): CheckResult {
  const least = deny.confidence ?? "likely";
  const subjects = view.find(deny).filter((subject) => !isLeftAlone(rule, subject, view));
  const problems = subjects.map((subject): Problem => {
    const counts = isAtLeast(subject.confidence, least);
    const why = counts ? "" : `; this is only ${subject.confidence}, and does not count`;
    return describe(rule, subject, counts ? (rule.severity ?? "error") : "note", subject.message + why);
  });
  return resultOf(
    rule,
    [
      ...problems,
      ...tellShallow(rule, deny, view),
      ...tellGaps(rule, deny, view),
      ...tellNobodys(rule, deny, view),
      ...tellRenamed(rule, deny, view),
      ...tellUnjudged(rule, deny, view),
    ],
    isUnknown(deny, view.result),
    isTooShallow(deny, view.result),
  );
}

function isLeftAlone(
  { unless }: Rule,
  subject: Parameters<BuildView["covers"]>[1],
  view: BuildView,
): boolean {
  return unless !== undefined && view.covers(unless, subject);
}

const THIRD_PARTIES: readonly string[] = ["third-party", "sdk", "unrecognised"];

/** A third party may hide in code that has lost its names: told, as it may as well be the app's own. */
function tellNobodys(rule: Rule, deny: Selector, view: BuildView): Problem[] {
  const { "data-type": dataType, yields, rung, "before-consent": beforeConsent, host } = deny;
  const isOfCode = (dataType ?? yields ?? rung ?? beforeConsent ?? host) !== undefined;
  const kinds = listOf(deny.party);
  const isOfThirdParties = kinds.length === 0 || kinds.some((kind) => THIRD_PARTIES.includes(kind));
  const isOther = (deny.finding ?? deny.permission) !== undefined || kinds.includes("unattributed");
  if (!isOfCode || !isOfThirdParties || isOther) return [];
  // Whose it is by name or maker is not known of it either.
  return view
    .find({
      "data-type": dataType,
      yields,
      rung,
      "before-consent": beforeConsent,
      host,
      party: "unattributed",
    } as Selector)
    .filter((subject) => !isLeftAlone(rule, subject, view))
    .map((subject) =>
      describe(
        rule,
        subject,
        // Release builds are renamed ones: of data, who believes the rule to hold must see this.
        host === undefined && (rule.severity ?? "error") === "error" ? "warning" : "note",
        `${subject.message}; it may be a third party's, and counts only where a rule says \`party: unattributed\``,
      ),
    );
}

/** An SDK of which every name is gone is not recognised: a denial of its presence says nothing of it. */
function tellRenamed(rule: Rule, deny: Selector, view: BuildView): Problem[] {
  const { unattributed } = view.result.coverage.classes;
  const isOfPresence = SUBJECT_KEYS.every((key) => deny[key] === undefined);
  const isOfThirdParties = listOf(deny.party).every((kind) => THIRD_PARTIES.includes(kind));
  if (unattributed === 0 || !isOfPresence || !isOfThirdParties) return [];
  if (isLeftAlone(rule, { party: "unattributed", findings: [] }, view)) return [];
  return [
    {
      id: `${rule.id}/renamed`,
      severity: "note",
      message: `${unattributed} classes could be given to nobody, and may be what this rule denies`,
      fix: "Give the build's mapping.txt with --mapping.",
      findings: [],
      evidence: [],
    },
  ];
}

/** Keys that make a selector speak of something else than who is in the build. */
const SUBJECT_KEYS = [
  "data-type",
  "yields",
  "rung",
  "before-consent",
  "permission",
  "host",
  "finding",
] as const;

/** Of whom no rule knows who they are, a denial by maker or category says nothing: that is told, once. */
function tellUnjudged(rule: Rule, deny: Selector, view: BuildView): Problem[] {
  const unjudged = view
    .findUnjudged(deny)
    .filter((party) => !isLeftAlone(rule, { party, findings: [] }, view));
  if (unjudged.length === 0) return [];
  const keys = PARTY_KEYS.filter((key) => deny[key] !== undefined).join(" or ");
  return [
    {
      id: `${rule.id}/unjudged`,
      severity: "note",
      message: `no ${keys} is known of ${listFew(unjudged.map((id) => view.nameOf(id)))}: this rule cannot judge ${unjudged.length === 1 ? "it" : "them"}`,
      findings: [],
      evidence: [],
    },
  ];
}

/** What a report does not say because it was made with less depth. */
function tellShallow(rule: Rule, selector: Selector, { result }: BuildView): Problem[] {
  if (!isTooShallow(selector, result)) return [];
  return [
    {
      id: `${rule.id}/depth`,
      severity: "warning",
      message: `${sayLookedFor(leastRung(selector))} was not looked for: the report was made with \`--depth ${result.depth}\``,
      fix: sayDeeper(leastRung(selector)),
      findings: [],
      evidence: [],
    },
  ];
}

/** What no way was found to may run all the same, where a call graph has gaps. */
function tellGaps(rule: Rule, selector: Selector, { result }: BuildView): Problem[] {
  const { gaps = [] } = result.reachability ?? {};
  if (gaps.length === 0 || !isRungAtLeast(leastRung(selector), "reachable")) return [];
  return [
    {
      id: `${rule.id}/gaps`,
      severity: "note",
      message: `more may run than was found: ${gaps.map(sayGap).join(", ")}`,
      findings: [],
      evidence: [],
    },
  ];
}

function describe(
  rule: Rule,
  { key, message: _, ...subject }: Subject,
  severity: Severity,
  message: string,
): Problem {
  return {
    id: `${rule.id}/${key}`,
    severity,
    message,
    ...(rule.fix === undefined ? {} : { fix: rule.fix }),
    ...subject,
  };
}

/** What was not read, or not looked for, may be there. */
export function isUnknown(selector: Selector, result: AuditResult): boolean {
  return result.coverage.unread.length > 0 || isTooShallow(selector, result);
}

function isTooShallow(selector: Selector, { depth }: AuditResult): boolean {
  const {
    "data-type": dataType,
    yields,
    rung,
    "before-consent": beforeConsent,
    finding,
    permission,
  } = selector;
  const asksCode =
    (dataType ?? yields ?? rung ?? beforeConsent ?? finding) !== undefined ||
    (permission !== undefined && asksParties(selector));
  return asksCode && !isRungAtLeast(depth, leastRung(selector));
}

/** The depth to which a build must be looked at so that all rules can be answered. */
export function depthAskedFor(rules: readonly Pick<Rule, "deny" | "require">[]): Rung {
  return rules
    .flatMap(({ deny, require }) => [deny, require].flatMap((selector) => selector ?? []))
    .map(leastRung)
    .reduce((deepest, rung) => (isRungAtLeast(rung, deepest) ? rung : deepest), "referenced");
}

function checkRequirement(rule: Rule, require: Requirement, view: BuildView): CheckResult {
  if (require["switched-off"] !== undefined) return checkSwitches(rule, require, view);
  const least = require.confidence ?? "likely";
  const found = view.find(require);
  if (found.some(({ confidence }) => isAtLeast(confidence, least))) return resultOf(rule, [], false);
  // Not seen where not everything was read is no answer.
  if (isUnknown(require, view.result)) {
    const shallow = isTooShallow(require, view.result);
    return resultOf(rule, tellShallow(rule, require, view), true, shallow);
  }
  const { unattributed } = view.result.coverage.classes;
  const hidden =
    unattributed === 0 ? "" : `; ${unattributed} classes could be given to nobody, and may be it`;
  const doubtful = found.map(({ message, confidence }) => `${message}, but only as ${confidence}`);
  const message = doubtful[0] ?? `${describeWanted(require)} was not seen in the build${hidden}`;
  return resultOf(
    rule,
    [
      {
        id: `${rule.id}/missing`,
        severity: rule.severity ?? "error",
        message,
        ...(rule.fix === undefined ? {} : { fix: rule.fix }),
        findings: [],
        evidence: [],
      },
    ],
    false,
  );
}

/** A selector in words. */
function describeWanted(selector: Selector | Requirement): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key} ${listOf(value as string | readonly string[]).join(" or ")}`)
    .join(", ");
}

type Switch = NonNullable<PartySummary["switches"]>[number];

/** Each switch of a party in the build must stand at off. A party that is not there needs none. */
function checkSwitches(rule: Rule, require: Requirement, view: BuildView): CheckResult {
  const names = listOf(require["switched-off"]);
  const isAsked = ({ metaData }: Switch) => names.includes("any") || names.includes(metaData);
  const meant = view.result.parties.filter(({ id }) => view.isMeant(id, require));
  const problems = meant
    .flatMap((party) => (party.switches ?? []).filter(isAsked).map((one) => ({ party, one })))
    .filter(({ one }) => one.value !== one.off)
    .map(({ party, one: { metaData, off, value, effect } }): Problem => {
      const state = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
      return {
        id: `${rule.id}/switch/${party.id}/${metaData}`,
        severity: isAtLeast(party.confidence, require.confidence ?? "likely")
          ? (rule.severity ?? "error")
          : "note",
        message: `${metaData} of ${view.nameOf(party.id)} ${state}; ${JSON.stringify(off)} switches off: ${effect.replace(/\.$/, "")}`,
        fix:
          rule.fix ??
          `Add <meta-data android:name="${metaData}" android:value="${off}" /> to <application> in AndroidManifest.xml.`,
        party: party.id,
        confidence: party.confidence,
        findings: [],
        evidence: party.evidence.slice(0, 1),
      };
    });
  const without = meant.filter(({ switches = [] }) => !switches.some(isAsked));
  return resultOf(
    rule,
    [...problems, ...tellSwitchless(rule, require, without, view)],
    view.result.coverage.unread.length > 0,
  );
}

/** Whom a rule names and who has no such switch is not off: told, once. */
function tellSwitchless(
  rule: Rule,
  require: Requirement,
  parties: readonly PartySummary[],
  view: BuildView,
): Problem[] {
  if (parties.length === 0 || !namesParties(require)) return [];
  return [
    {
      id: `${rule.id}/switchless`,
      severity: "note",
      message: `no switch that this asks for is known of ${listFew(parties.map(({ id }) => view.nameOf(id)))}`,
      findings: [],
      evidence: [],
    },
  ];
}

function resultOf(rule: Rule, problems: readonly Problem[], unknown: boolean, shallow = false): CheckResult {
  return {
    id: rule.id,
    kind: "policy",
    title: rule.title ?? titleOf(rule),
    ...(rule.because === undefined ? {} : { because: rule.because }),
    place: rule.place,
    outcome: outcomeOf(problems, unknown),
    ...(shallow ? { isTooShallow: true } : {}),
    problems: sortProblems(problems),
    excepted: [],
  };
}

function titleOf({ deny, require }: Rule): string {
  return deny === undefined ? `Required: ${describeWanted(require!)}` : `Denied: ${describeWanted(deny)}`;
}
