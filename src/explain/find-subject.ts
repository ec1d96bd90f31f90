import { type FindingKind, findingKinds } from "../findings/index.js";
import { findNearest } from "../ruleset/index.js";
import type { Subject, SubjectKind } from "./explanation.js";
import { subjectKinds } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";

/**
 * The things that a text names, the likeliest first: by id, a permission also by its last segment, each also
 * with its kind before it, `vendor:adjust`.
 */
export function findSubjects(text: string, knowledge: Knowledge): Subject[] {
  const [, prefix, rest] = /^([a-z-]+):(.+)$/s.exec(text) ?? [];
  const kind = subjectKinds.find((one) => one === prefix);
  // The app's own parties have a colon in their ids.
  const whole = matchSubjects(text, knowledge);
  if (kind === undefined || rest === undefined || whole.length > 0) return whole;
  return matchSubjects(rest, knowledge).filter((subject) => subject.kind === kind);
}

function matchSubjects(text: string, knowledge: Knowledge): Subject[] {
  const finding = findFinding(text, knowledge);
  const all = listSubjects(knowledge);
  const exact = all.filter(({ id }) => id === text);
  const lower = text.toLowerCase();
  const same = exact.length > 0 ? exact : all.filter(({ id }) => id.toLowerCase() === lower);
  const permissions = same.length > 0 ? [] : all.filter(isPermissionNamed(text.toUpperCase()));
  return [...(finding === undefined ? [] : [finding]), ...same, ...permissions];
}

/** Android's own permission before others of that name. */
function isPermissionNamed(segment: string): (subject: Subject) => boolean {
  const ending = `.${segment}`;
  return ({ kind, id }) => kind === "permission" && id.toUpperCase().endsWith(ending);
}

/** All that has an id of its own; in the order in which one is preferred to another of the same id. */
function listSubjects(knowledge: Knowledge): Subject[] {
  const { ruleset, rules, seen, own, permissionNames } = knowledge;
  const permissions = [...permissionNames].map((name) => ({ kind: "permission" as const, id: name, name }));
  const isAndroid = ({ id }: Subject) => Number(id.startsWith("android.permission."));
  return [
    ...[...rules.values()].map(({ kind, rule: { id, name } }) => ({ kind, id, name })),
    ...[...seen.values(), ...[...own.values()].filter(({ id }) => !seen.has(id))]
      .filter(({ id }) => !rules.has(id))
      .map(({ kind, id, name }) => ({ kind, id, name })),
    ...ruleset.vendors.map(({ id, name }) => ({ kind: "vendor" as const, id, name })),
    ...ruleset.dataTypes.map(({ id, name }) => ({ kind: "data-type" as const, id, name })),
    ...ruleset.apis.map(({ id, name }) => ({ kind: "api" as const, id, name })),
    ...permissions.sort((a, b) => isAndroid(b) - isAndroid(a)),
    ...Object.entries(findingKinds).map(([id, { title }]) => ({
      kind: "finding-kind" as const,
      id,
      name: title,
    })),
  ];
}

/** A finding of the app; without one, an id whose parts the rules know. */
function findFinding(
  id: string,
  { result, rules, ruleset, permissionNames }: Knowledge,
): Subject | undefined {
  const parts = parseFindingId(id);
  if (parts === undefined) return undefined;
  const subject = { kind: "finding" as const, id, name: findingKinds[parts.kind].title };
  if (result !== undefined) return result.findings.some((finding) => finding.id === id) ? subject : undefined;
  const isKnown =
    (parts.party === undefined || rules.has(parts.party)) &&
    (isAboutData(parts.kind)
      ? ruleset.dataTypes.some((type) => type.id === parts.about)
      : parts.about.split("+").every((name) => permissionNames.has(name)));
  return isKnown ? subject : undefined;
}

/** Whether findings of a kind are about a data type; others are about permissions. */
export function isAboutData(kind: FindingKind): boolean {
  return kind === "data-access" || kind === "data-hand-over";
}

/** A finding's id in parts. */
export interface FindingIdParts {
  readonly kind: FindingKind;
  /** `undefined` where it is the app's own. */
  readonly party: string | undefined;
  /** The data type, or permissions joined by `+`. */
  readonly about: string;
}

/** `data-access/adjust/contacts`, `unused-permission/android.permission.CAMERA` in parts. */
export function parseFindingId(id: string): FindingIdParts | undefined {
  const [, kind, party, about] = /^([a-z-]+)\/(?:(.+)\/)?([^/]+)$/s.exec(id) ?? [];
  if (kind === undefined || about === undefined || !Object.hasOwn(findingKinds, kind)) return undefined;
  return { kind: kind as FindingKind, party, about };
}

/**
 * Ids of what a text may have meant, nearest first. They may be out of a report: not escaped.
 *
 * @param kinds of what is meant; of anything unless said
 */
export function suggestSubjects(
  text: string,
  knowledge: Knowledge,
  kinds: readonly SubjectKind[] = subjectKinds,
): string[] {
  const findings = (knowledge.result?.findings ?? []).map(({ id }) => ({
    kind: "finding" as const,
    id,
    name: "",
  }));
  const meant = [...listSubjects(knowledge), ...findings].filter(({ kind }) => kinds.includes(kind));
  return findNearest(text, meant);
}
