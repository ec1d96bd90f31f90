import type { CheckResult, Problem, Verdict } from "../policy/index.js";
import { printable } from "./printable-text.js";
import {
  automationDetails,
  describeDriver,
  encodePath,
  evidenceLocation,
  fingerprint,
  message,
  pascalName,
  renderRun,
  SarifArtifacts,
  type SarifObject,
  sarifFrame,
} from "./sarif-run.js";
import { repositoryPath, sayException, sayUnread } from "./verdict-text.js";

/** Root of the repository, as GitHub and the validators of SARIF know it. */
const ROOT = "%SRCROOT%";

/**
 * A verdict as a SARIF log of one run: its checks are the rules, each problem
 * a result at the line of the policy or the lockfile that asks for it, what was agreed to a suppressed one, and a
 * check that could not be decided an open one.
 */
export function renderVerdictSarif(verdict: Verdict): string {
  const { app, checks, tool, outcome, unread } = verdict;
  const artifacts = new SarifArtifacts(app);
  const results = checks.flatMap((check, ruleIndex) => {
    const own = { ruleId: check.id, ruleIndex };
    return [
      ...[...check.problems, ...check.excepted].map((problem) => ({
        ...own,
        ...describeProblem(problem, check, artifacts, check.excepted.includes(problem)),
      })),
      ...(check.outcome === "unknown" ? [{ ...own, ...describeUndecided(check, verdict, artifacts) }] : []),
    ];
  });
  const run = renderRun({
    tool: describeDriver(tool, checks.map(describeRule)),
    automationDetails: automationDetails("check", app),
    invocations: [
      {
        executionSuccessful: unread.length === 0,
        toolExecutionNotifications: unread.map((part) => ({
          descriptor: { id: "unread" },
          level: "error",
          message: message(
            `${printable(part, 200)} could not be read: nothing is claimed absent for what it could hide.`,
          ),
          locations: [{ physicalLocation: artifacts.entry(part) }],
        })),
      },
    ],
    originalUriBaseIds: { [ROOT]: { description: { text: "The root of the repository." } } },
    columnKind: "utf16CodeUnits",
    artifacts: artifacts.list,
    results,
    properties: { outcome },
  });
  return sarifFrame.before + run + sarifFrame.after;
}

function describeRule({ id, kind, title, because }: CheckResult): SarifObject {
  const asked = sentence(title);
  const why = because === undefined ? asked : sentence(because);
  return {
    id,
    name: pascalName(id),
    shortDescription: { text: asked },
    fullDescription: { text: why },
    help: { text: because === undefined ? asked : `${asked}\n\n${why}` },
    properties: { tags: ["privacy", kind] },
  };
}

function describeProblem(
  problem: Problem,
  check: CheckResult,
  artifacts: SarifArtifacts,
  isExcepted: boolean,
): SarifObject {
  const { id, severity, message: text, fix, change, evidence, findings } = problem;
  const { party, dataType, permission, host, rung, confidence } = problem;
  const exception = sayException(problem, !isExcepted);
  return {
    level: severity,
    message: message([sentence(text), ...(fix === undefined ? [] : [sentence(fix)])].join(" ")),
    locations: [locate(check, artifacts)],
    relatedLocations: evidence.map((item, index) => evidenceLocation(item, index + 1, artifacts)),
    partialFingerprints: fingerprint(id),
    ...(isExcepted && exception !== undefined
      ? { suppressions: [{ kind: "external", status: "accepted", justification: exception }] }
      : {}),
    properties: { party, dataType, permission, host, rung, confidence, findings, change },
  };
}

function describeUndecided(check: CheckResult, verdict: Verdict, artifacts: SarifArtifacts): SarifObject {
  return {
    kind: "open",
    level: "none",
    message: message(`Could not be decided: ${sayUnread(verdict)}.`),
    locations: [locate(check, artifacts)],
    partialFingerprints: fingerprint(`${check.id}/undecided`),
  };
}

/** The line that asks for it, where there is one: GitHub shows a result at a line of a file of the repository. */
function locate({ place }: CheckResult, artifacts: SarifArtifacts): SarifObject {
  if (place === undefined) return { physicalLocation: artifacts.app() };
  return {
    physicalLocation: {
      artifactLocation: { uri: encodePath(repositoryPath(place.file)), uriBaseId: ROOT },
      region: { startLine: place.line },
    },
  };
}

/** One line with an end. */
function sentence(text: string): string {
  return printable(text).replace(/[^.!?]$/, "$&.");
}
