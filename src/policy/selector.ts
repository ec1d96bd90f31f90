import type { Evidence } from "../evidence/index.js";
import {
  type AccessSummary,
  type AuditResult,
  type Finding,
  findingKinds,
  isRungAtLeast,
  leavesNothing,
  type OwnSdkSummary,
  type PartySummary,
  type Rung,
  rungOfAccess,
} from "../findings/index.js";
import type { Confidence } from "../sdk/index.js";
import { evidenceOfPermission, SURENESS, sayData } from "./inventory.js";
import type { PolicyException, Requirement, Selector } from "./policy-schema.js";
import type { Problem } from "./verdict.js";

/** What a key of a selector has: one value, several, or none. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** A thing in a build that a selector speaks of: what a problem says of it. */
export interface Subject
  extends Pick<
    Problem,
    "party" | "dataType" | "yields" | "permission" | "permissions" | "host" | "rung" | "findings" | "evidence"
  > {
  /** Tells it from all others: `data-access/adjust/precise-location`. */
  readonly key: string;
  /** One sentence without a full stop. */
  readonly message: string;
  readonly confidence: Confidence;
}

/** Whether a confidence is at least another. */
export function isAtLeast(confidence: Confidence, least: Confidence): boolean {
  return SURENESS.indexOf(confidence) <= SURENESS.indexOf(least);
}

/** Finds in a build what selectors speak of. */
export class BuildView {
  readonly result: AuditResult;
  readonly #parties: ReadonlyMap<string, PartySummary>;

  constructor(result: AuditResult) {
    this.result = result;
    this.#parties = new Map(result.parties.map((party) => [party.id, party]));
  }

  /** What of the build a selector speaks of, however sure; sorted by key. */
  find(selector: Selector | Requirement): Subject[] {
    return this.#list(selector).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  #list(selector: Selector | Requirement): Subject[] {
    if (selector.finding !== undefined) return this.#findFindings(selector);
    if (selector.permission !== undefined) return this.#findPermissions(selector);
    if (selector.host !== undefined) return this.#findHosts(selector);
    if (selector.yields !== undefined) return this.#findKindsOfData(selector);
    if ((selector["data-type"] ?? selector.rung ?? selector["before-consent"]) !== undefined)
      return this.#findAccesses(selector);
    return this.#findParties(selector);
  }

  /** A party by its name, and its version where it is known. */
  nameOf(id: string): string {
    const party = this.#parties.get(id);
    if (party === undefined || party.kind === "unattributed")
      return id === "unattributed" ? "code that is nobody's" : id;
    if (party.kind === "first-party") return "the app's own code";
    return `${party.name}${party.version === undefined ? "" : ` ${party.version}`}`;
  }

  /** Whether a party is one that a selector speaks of; `fallback` is the kind where it names none. */
  isMeant(id: string, selector: Selector, fallback: "third-party" | "any" = "third-party"): boolean {
    const party = this.#parties.get(id);
    if (party === undefined) return this.#isOwnMeant(id, selector, fallback);
    const kinds = listOf(selector.party);
    return (
      isOfKind(party.kind, kinds.length > 0 ? kinds : [kindMeant(selector, fallback)]) &&
      isOneOf(selector.sdk, id) &&
      PARTY_KEYS.every(
        (key) => selector[key] === undefined || isOneOfAny(selector[key], valuesOf(party, key)),
      )
    );
  }

  /** The app's own: a party of which there is no code, or an SDK of its makers, which is meant by its name alone. */
  #isOwnMeant(id: string, selector: Selector, fallback: "third-party" | "any"): boolean {
    const kinds = listOf(selector.party);
    const isKind = kinds.length === 0 || isOneOfAny(["first-party", "any"], kinds);
    if (selector.sdk !== undefined) return isKind && isOneOf(selector.sdk, id);
    return (
      id === "first-party" && isKind && !namesParties(selector) && (kinds.length > 0 || fallback === "any")
    );
  }

  /** Third parties that a selector would speak of if what it asks of their makers were known; sorted. */
  findUnjudged(selector: Selector): string[] {
    const asked = PARTY_KEYS.filter((key) => selector[key] !== undefined);
    const mayBeMeant = (party: PartySummary) => {
      const unknown = asked.filter((key) => valuesOf(party, key).length === 0);
      if (unknown.length === 0 || !isOneOf(selector.sdk, party.id)) return false;
      const left = { ...selector, sdk: party.id };
      for (const key of unknown) delete left[key];
      return isOfKind(party.kind, ["third-party"]) && this.#list(left).length > 0;
    };
    return this.result.parties
      .filter(mayBeMeant)
      .map(({ id }) => id)
      .sort();
  }

  #findParties(selector: Selector): Subject[] {
    const own = this.result.parties
      .flatMap(({ ownSdks = [] }) => ownSdks)
      .filter(({ id }) => selector.sdk !== undefined && this.#isOwnMeant(id, selector, "third-party"));
    return [
      ...this.result.parties
        .filter(({ id }) => this.isMeant(id, selector))
        .map((party): Subject => this.#presence(party, this.nameOf(party.id))),
      // The maker's own SDK is no third party; but whoever asks for it by name means it.
      ...own.map((sdk) => this.#presence(sdk, `the app makers' own ${sdk.name}`)),
    ];
  }

  #presence({ id, confidence, evidence }: PartySummary | OwnSdkSummary, name: string): Subject {
    return {
      key: `party/${id}`,
      message: `${name} is in the build`,
      party: id,
      confidence,
      findings: [],
      evidence: evidence.slice(0, 3),
    };
  }

  #findAccesses(selector: Selector): Subject[] {
    const least = leastRung(selector);
    const found = this.result.findings.filter(
      ({ kind, rung, limits, reach }) =>
        kind === "data-access" &&
        reaches(rung, least) &&
        isTimeMeant(reach, selector) &&
        !leavesNothing(limits),
    );
    const subjects = found.map((finding) =>
      this.#accessOf({ ...finding, dataType: finding.dataType!, rung: finding.rung! }, selector, [
        finding.id,
      ]),
    );
    const known = new Set(subjects.map(({ key }) => key));
    // Of parties that are no third parties there are no findings.
    const others = this.#listOpen(selector).map((access) => this.#seen(access, selector));
    return [
      ...subjects.filter(
        ({ party, dataType }) => this.isMeant(party!, selector) && isDataTypeMeant(dataType, selector),
      ),
      ...keepSurest(others).filter(({ key }) => !known.has(key)),
    ];
  }

  /** Accesses told apart by what they yield: findings speak of data types only. */
  #findKindsOfData(selector: Selector): Subject[] {
    const found = this.#listOpen(selector).map((access): Subject => {
      const { party, yields } = access;
      const ofType = this.#seen(access, selector);
      const finding = this.result.findings.find(({ id }) => id === ofType.key);
      return {
        ...ofType,
        yields,
        key: `${ofType.key}/${yields}`,
        message: `${this.nameOf(party)} could access ${sayData(access)} (${sayReach(access.reach, ofType.rung!, selector)})`,
        findings: finding === undefined ? [] : [finding.id],
      };
    });
    return keepSurest(found);
  }

  /** Accesses that a selector speaks of and that yield something. */
  #listOpen(selector: Selector): AccessSummary[] {
    const least = leastRung(selector);
    return this.result.accesses.filter((access) => {
      const { party, dataType, yields, limits, reach } = access;
      return (
        reaches(rungOfAccess(access, this.result.flows), least) &&
        isTimeMeant(reach, selector) &&
        !leavesNothing(limits) &&
        isOneOf(selector.yields, yields) &&
        isDataTypeMeant(dataType, selector) &&
        this.isMeant(party, selector)
      );
    });
  }

  /** An access by its own evidence. */
  #seen(access: AccessSummary, selector: Selector): Subject {
    const evidence = access.evidence.slice(0, 3);
    const rung = rungOfAccess(access, this.result.flows);
    return this.#accessOf({ ...access, rung, evidence }, selector, []);
  }

  #accessOf(
    { party, dataType, rung, reach, confidence, evidence }: KnownAccess,
    selector: Selector,
    findings: readonly string[],
  ): Subject {
    const how =
      rung === "permitted"
        ? "the app's permissions open it, no use in its code was seen"
        : sayReach(reach, rung, selector);
    return {
      key: `data-access/${party}/${dataType}`,
      message: `${this.nameOf(party)} could access ${dataType} (${how})`,
      party,
      dataType,
      rung,
      confidence,
      findings,
      evidence,
    };
  }

  #findPermissions(selector: Selector): Subject[] {
    const names = listOf(selector.permission);
    const hasParties = asksParties(selector);
    const permissions = this.result.permissions.filter(({ name }) =>
      names.some((wanted) => isPermissionNamed(name, wanted)),
    );
    const subjects = permissions.flatMap(({ name, declaredBy, usedBy, impliedBy }): Subject[] => {
      const evidence = evidenceOfPermission(name, impliedBy);
      const about = { permission: name, findings: [], evidence };
      if (!hasParties) {
        const message =
          impliedBy === undefined
            ? `the app requests ${name}`
            : `Android adds ${name}, because ${impliedBy.because}`;
        return [{ ...about, key: `permission/${name}`, message, confidence: "certain" }];
      }
      const ids = [...new Set([...declaredBy.map(({ party }) => party), ...usedBy])].filter((id) =>
        this.isMeant(id, selector),
      );
      return ids.map((party): Subject => {
        const brings = declaredBy.find((one) => one.party === party)?.confidence;
        const uses = usedBy.includes(party);
        const does = [
          ...(brings === undefined ? [] : [sayBrings(party, brings)]),
          ...(uses ? ["has code that uses"] : []),
        ];
        return {
          ...about,
          key: `permission/${name}/${party}`,
          message: `${this.nameOf(party)} ${does.join(" and ")} ${name}`,
          party,
          confidence: uses || brings !== "possible" ? "likely" : "possible",
          evidence: [...evidence, ...this.#usesOf(party, name)],
        };
      });
    });
    return [...new Map(subjects.map((subject) => [subject.key, subject])).values()];
  }

  /** What the party's findings on a permission rest on. */
  #usesOf(party: string, permission: string): readonly Evidence[] {
    const finding = this.result.findings.find(
      (one) => one.party === party && (one.permissions ?? []).includes(permission),
    );
    return (finding?.evidence ?? []).filter(({ kind }) => kind !== "permission").slice(0, 2);
  }

  #findHosts(selector: Selector): Subject[] {
    return this.result.hosts
      .filter(
        ({ party, host }) =>
          this.isMeant(party, selector) &&
          listOf(selector.host).some((pattern) => isHostNamed(host, pattern)),
      )
      .map(({ party, host, evidence }) => ({
        key: `host/${party}/${host}`,
        message: `${this.nameOf(party)} names the host ${host}`,
        party,
        host,
        confidence: "certain",
        findings: [],
        evidence,
      }));
  }

  #findFindings(selector: Selector): Subject[] {
    const kinds = listOf(selector.finding);
    return this.result.findings
      .filter((finding) => kinds.includes(finding.kind) && this.#isFindingMeant(finding, selector))
      .map((finding): Subject => {
        const { id, kind, party, dataType, permissions = [], rung, confidence, evidence } = finding;
        const about = [dataType ?? [], permissions].flat().join(", ");
        return {
          key: id,
          message: `${findingKinds[kind].title}: ${this.nameOf(party)}${about === "" ? "" : `, ${about}`}`,
          party,
          ...(dataType === undefined ? {} : { dataType }),
          ...(permissions[0] === undefined ? {} : { permission: permissions[0] }),
          ...(permissions.length > 1 ? { permissions } : {}),
          ...(rung === undefined ? {} : { rung }),
          confidence,
          findings: [id],
          evidence,
        };
      });
  }

  #isFindingMeant({ party, dataType, permissions = [], rung, reach }: Finding, selector: Selector): boolean {
    const names = listOf(selector.permission);
    return (
      this.isMeant(party, selector, "any") &&
      isDataTypeMeant(dataType, selector) &&
      (selector.rung === undefined || reaches(rung, selector.rung)) &&
      isTimeMeant(reach, selector) &&
      (names.length === 0 ||
        permissions.some((name) => names.some((wanted) => isPermissionNamed(name, wanted))))
    );
  }

  /** Whether an exception, or an `unless`, is for a subject: of several permissions it must name each. */
  covers(
    selector: Selector | NonNullable<PolicyException["for"]>,
    {
      party,
      dataType,
      yields,
      permission,
      permissions: about = permission === undefined ? [] : [permission],
      host,
      findings,
    }: Pick<Subject, "party" | "dataType" | "yields" | "permission" | "permissions" | "host" | "findings">,
  ): boolean {
    const hasParties = asksParties(selector);
    const kinds = listOf(selector.finding);
    const permissions = listOf(selector.permission);
    const hosts = listOf(selector.host);
    return (
      (!hasParties || (party !== undefined && this.isMeant(party, selector))) &&
      isOneOf(selector["data-type"], dataType) &&
      isOneOf(selector.yields, yields) &&
      (permissions.length === 0 ||
        (about.length > 0 &&
          about.every((name) => permissions.some((wanted) => isPermissionNamed(name, wanted))))) &&
      (hosts.length === 0 || (host !== undefined && hosts.some((pattern) => isHostNamed(host, pattern)))) &&
      (kinds.length === 0 || findings.some((id) => kinds.some((kind) => id.startsWith(`${kind}/`))))
    );
  }
}

/** Of an access, or of a finding on one, what a subject is made of. */
interface KnownAccess extends Pick<AccessSummary, "party" | "dataType" | "confidence" | "evidence"> {
  readonly rung: Rung;
  readonly reach?: AccessSummary["reach"];
}

/** The least that the evidence must show: what runs before consent can run; what is given to a party was followed. */
export function leastRung(selector: Selector): Rung {
  if (listOf(selector.finding).includes("data-hand-over")) return "flows";
  const least = selector.rung ?? "referenced";
  return selector["before-consent"] !== undefined && !isRungAtLeast(least, "reachable") ? "reachable" : least;
}

/** Whether what is asked for only before consent can run then. */
function isTimeMeant(reach: AccessSummary["reach"], selector: Selector): boolean {
  return selector["before-consent"] === undefined || reach?.beforeConsent !== undefined;
}

/** How far the evidence goes; asked what runs before consent, from where. */
function sayReach(reach: AccessSummary["reach"], rung: Rung, selector: Selector): string {
  if (reach === undefined) return rung;
  const early = selector["before-consent"] === undefined ? undefined : reach.beforeConsent;
  const { kind, component } = early ?? reach;
  return `${rung} from the ${kind} ${component}${early === undefined ? "" : ", before consent"}`;
}

/** Of several subjects of one key the surest; of equal ones that which goes furthest. */
function keepSurest(subjects: readonly Subject[]): Subject[] {
  const surest = new Map<string, Subject>();
  for (const subject of subjects) {
    const known = surest.get(subject.key);
    const isSurer = known !== undefined && !isAtLeast(known.confidence, subject.confidence);
    const goesFurther = subject.confidence === known?.confidence && !reaches(known.rung, subject.rung!);
    if (known === undefined || isSurer || goesFurther) surest.set(subject.key, subject);
  }
  return [...surest.values()];
}

/** Keys about parties of which not every party has a value. */
export const PARTY_KEYS = ["vendor", "company", "category", "country"] as const;

/** What a merged manifest leaves to say of who wrote a permission into it. */
function sayBrings(party: string, confidence: Confidence): string {
  if (party === "first-party") return confidence === "possible" ? "may request" : "most likely requests";
  return confidence === "possible" ? "may bring" : "is known to bring";
}

/** Whether a selector tells parties apart by more than their kind. */
export function namesParties(selector: Selector): boolean {
  return ["sdk" as const, ...PARTY_KEYS].some((key) => selector[key] !== undefined);
}

/** Who is meant where a selector names no kind of party: an SDK by its id, whatever it is; of makers, third parties. */
function kindMeant(selector: Selector, fallback: "third-party" | "any"): "third-party" | "any" {
  if (selector.sdk !== undefined) return "any";
  return namesParties(selector) ? "third-party" : fallback;
}

/** Whether a selector says anything of parties. */
export function asksParties(selector: Selector): boolean {
  return selector.party !== undefined || namesParties(selector);
}

/** What a party has for a key: several are as good. */
function valuesOf({ vendor, category }: PartySummary, key: (typeof PARTY_KEYS)[number]): string[] {
  const companies = vendor === undefined ? [] : [vendor, ...(vendor.owners ?? [])];
  const values: Readonly<Record<(typeof PARTY_KEYS)[number], readonly (string | undefined)[]>> = {
    vendor: [vendor?.id],
    company: companies.map(({ id }) => id),
    category: [category],
    country: companies.map(({ country }) => country),
  };
  return values[key].filter((value) => value !== undefined);
}

/** The data type of which a coarser one is a part: who reads it has both. */
const FINER: Readonly<Record<string, string>> = { "approximate-location": "precise-location" };

function isDataTypeMeant(dataType: string | undefined, selector: Selector): boolean {
  const wanted = listOf(selector["data-type"]);
  return (
    isOneOf(selector["data-type"], dataType) ||
    wanted.some((one) => dataType !== undefined && FINER[one] === dataType)
  );
}

function isOfKind(kind: PartySummary["kind"], wanted: readonly string[]): boolean {
  const isThirdParty = kind === "sdk" || kind === "unrecognised";
  return wanted.some((one) => one === "any" || one === kind || (one === "third-party" && isThirdParty));
}

/** A key that is not there leaves everything. */
function isOneOf<T>(wanted: T | readonly T[] | undefined, value: T | undefined): boolean {
  return wanted === undefined || (value !== undefined && listOf(wanted).includes(value));
}

function isOneOfAny(wanted: string | readonly string[], values: readonly string[]): boolean {
  return values.some((value) => listOf(wanted).includes(value));
}

function reaches(rung: Rung | undefined, least: Rung): boolean {
  return rung !== undefined && isRungAtLeast(rung, least);
}

/** In full, or by its last part: then Android's own, Play services', and any other of that name. */
function isPermissionNamed(name: string, wanted: string): boolean {
  return name === wanted || (!wanted.includes(".") && name.endsWith(`.${wanted}`));
}

function isHostNamed(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}
