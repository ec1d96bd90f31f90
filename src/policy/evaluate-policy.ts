import { type AuditResult, type PartySummary, rungs } from "../findings/index.js";
import type { Policy } from "./policy.js";
import type { Requirement, Selector } from "./policy-schema.js";
import { BuildView, isAtLeast, listOf, type Subject } from "./selector.js";
import { type CheckResult, outcomeOf, type Problem, type Severity, sortProblems } from "./verdict.js";

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
  const subjects = view
    .find(deny)
    .filter((subject) => rule.unless === undefined || !view.covers(rule.unless, subject));
  const problems = subjects.map((subject): Problem => {
    const counts = isAtLeast(subject.confidence, least);
    const why = counts ? "" : `; this is only ${subject.confidence}, and does not count`;
    return describe(rule, subject, counts ? (rule.severity ?? "error") : "note", subject.message + why);
  });
  return resultOf(rule, [...problems, ...tellNobodys(rule, deny, view)], isUnknown(deny, view.result));
}

/** A third party may hide in code that has lost its names: told, as it may as well be the app's own. */
function tellNobodys(rule: Rule, deny: Selector, view: BuildView): Problem[] {
  const keys = Object.keys(deny).filter((key) => deny[key as keyof Selector] !== undefined);
  if (!keys.includes("data-type") || keys.some((key) => !["data-type", "rung", "confidence"].includes(key)))
    return [];
  return view
    .find({ ...deny, party: "unattributed" })
    .map((subject) =>
      describe(
        rule,
        subject,
        "note",
        `${subject.message}; it may be a third party's, and counts only where a rule says \`party: unattributed\``,
      ),
    );
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
function isUnknown(selector: Selector, { coverage, depth }: AuditResult): boolean {
  const asksCode = (selector["data-type"] ?? selector.rung ?? selector.finding) !== undefined;
  const least = selector.rung ?? "referenced";
  return coverage.unread.length > 0 || (asksCode && rungs.indexOf(least) > rungs.indexOf(depth));
}

function checkRequirement(rule: Rule, require: Requirement, view: BuildView): CheckResult {
  if (require["switched-off"] !== undefined) return checkSwitches(rule, require, view);
  const least = require.confidence ?? "likely";
  const found = view.find(require);
  if (found.some(({ confidence }) => isAtLeast(confidence, least))) return resultOf(rule, [], false);
  // Not seen where not everything was read is no answer.
  if (isUnknown(require, view.result)) return resultOf(rule, [], true);
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
  const problems = view.result.parties
    .filter(({ id }) => view.isMeant(id, require))
    .flatMap((party) => (party.switches ?? []).filter(isAsked).map((one) => ({ party, one })))
    .filter(({ one }) => one.value !== one.off)
    .map(({ party, one: { metaData, off, value, effect } }): Problem => {
      const state = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
      return {
        id: `${rule.id}/switch/${party.id}/${metaData}`,
        severity: rule.severity ?? "error",
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
  return resultOf(rule, problems, view.result.coverage.unread.length > 0);
}

function resultOf(rule: Rule, problems: readonly Problem[], unknown: boolean): CheckResult {
  return {
    id: rule.id,
    kind: "policy",
    title: rule.title ?? titleOf(rule),
    ...(rule.because === undefined ? {} : { because: rule.because }),
    place: rule.place,
    outcome: outcomeOf(problems, unknown),
    problems: sortProblems(problems),
    excepted: [],
  };
}

function titleOf({ deny, require }: Rule): string {
  return deny === undefined ? `Required: ${describeWanted(require!)}` : `Denied: ${describeWanted(deny)}`;
}
