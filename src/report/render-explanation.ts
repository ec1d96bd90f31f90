import type {
  AccessFact,
  ApiFact,
  ExplainedApp,
  Explanation,
  NeedFact,
  PermissionFact,
  SdkFact,
  SignatureFact,
  Subject,
} from "../explain/index.js";
import { groupBy } from "./arrange-parties.js";
import { renderGiven } from "./hand-over-section.js";
import { COLUMN, heading, type Listing, list } from "./listing.js";
import { Page } from "./page.js";
import { renderAccess, renderLimits } from "./party-section.js";
import { describePractice, describePractices } from "./practices.js";
import { describeWitness, renderApp } from "./presence-section.js";
import { printable } from "./printable-text.js";
import { longReference, parametersOf, sourceReference } from "./reference-text.js";
import { renderRemedies } from "./remedy-section.js";
import { escapeInJson } from "./render-json.js";
import { renderHowFar, renderWays } from "./way-section.js";
import { protectionOf, shortPermission } from "./words.js";

/** How an explanation looks in a terminal. */
export interface ExplanationOptions {
  readonly color: boolean;
  /** Columns; no line is longer, but those that are to be copied. */
  readonly width: number;
  /** Lists in full. */
  readonly isVerbose: boolean;
}

/** Lines of a list unless all is told; APIs of each of several kinds of data. */
const [MOST_LISTED, MOST_OF_EACH] = [12, 3];
const LEAST_WIDTH = 40;

/** The explanation as JSON, in the order of its type's keys, safe to print. */
export function renderExplanationJson(explanation: Explanation): string {
  return `${escapeInJson(JSON.stringify(explanation, undefined, 2))}\n`;
}

/** The explanation for a person at a terminal. Every text is escaped and bounded. */
export function renderExplanation(
  explanation: Explanation,
  { color, width, isVerbose }: ExplanationOptions,
): string {
  const page = new Page(Math.max(LEAST_WIDTH, width), color);
  const listing: Listing = { page, most: isVerbose ? Infinity : MOST_LISTED };
  renderHead(page, explanation);
  renderSignatures(listing, explanation.signatures);
  renderApp(listing, explanation);
  renderSdks(listing, explanation.sdks);
  renderReach(listing, explanation);
  renderFindings(listing, explanation);
  renderWays(listing, explanation);
  renderGiven(listing, explanation);
  renderPermissions(listing, explanation);
  renderYields(listing, explanation);
  renderBringers(listing, explanation);
  renderDocumented(listing, explanation);
  renderRemedies(page, explanation.remedies, listing.most);
  renderSources(listing, explanation.sources);
  renderMore(page, explanation, isVerbose);
  return page.text();
}

function renderHead(page: Page, explanation: Explanation): void {
  const { subject, is, note, site, privacy, alsoNamed } = explanation;
  const name = printable(subject.name, 100);
  const id = printable(subject.id, 200);
  page.paragraph([
    { text: name, tone: "heading" },
    { text: name === id ? `  ${subject.kind}` : `  ${subject.kind} ${id}`, tone: "dim" },
  ]);
  page.paragraph([{ text: is }]);
  if (note !== undefined) page.paragraph([{ text: note }]);
  if (site !== undefined) page.paragraph([{ text: site, tone: "dim" }]);
  if (privacy !== undefined) page.paragraph([{ text: `privacy policy ${privacy}`, tone: "dim" }]);
  if (alsoNamed.length > 0) {
    const others = alsoNamed.slice(0, MOST_LISTED).map(({ kind, id: other }) => `${kind}:${other}`);
    page.paragraph([{ text: `Of this name there is also ${others.join(", ")}.`, tone: "dim" }]);
  }
}

const WORTHS = ["certain", "likely", "possible", undefined] as const;

function renderSignatures(listing: Listing, signatures: readonly SignatureFact[] | undefined): void {
  if (signatures === undefined) return;
  const { page } = listing;
  heading(page, "Recognised by", "two kinds together are worth a step more than the better one");
  for (const worth of WORTHS) {
    const own = signatures.filter((signature) => signature.worth === worth);
    if (own.length === 0) continue;
    page.paragraph([{ text: worth === undefined ? "no match alone" : `${worth}, alone`, tone: "dim" }], 2);
    list(listing, own, 4, ({ kind, value }) =>
      page.field([{ text: kind, tone: "dim" }], [{ text: describeWitness(kind, value) }], COLUMN, 4),
    );
  }
}

function renderSdks(listing: Listing, sdks: readonly SdkFact[] | undefined): void {
  if (sdks === undefined) return;
  const { page } = listing;
  heading(page, "What it owns", "SDKs of its own, and of companies that it owns");
  const hasApp = sdks.some(({ presence }) => presence !== undefined);
  const isIn = ({ presence }: SdkFact) => Number(presence === "present");
  const sorted = [...sdks].sort((a, b) => isIn(b) - isIn(a));
  list(listing, sorted, 2, ({ id, name, kind, category, vendor, presence, isOwn, dataTypes = [] }) => {
    const what = [category?.replaceAll("-", " ") ?? kind.replaceAll("-", " "), vendor.name].join(" · ");
    const inApp =
      presence !== "present" ? "" : isOwn === true ? "  in the app, as its makers' own" : "  in the app";
    page.paragraph(
      [
        { text: printable(name, 80) },
        { text: `  ${id}  ${what}`, tone: "dim" },
        { text: inApp, tone: "alert" },
      ],
      2,
      4,
    );
    if (dataTypes.length > 0) page.paragraph([{ text: dataTypes.join(", ") }], 4);
  });
  if (sdks.length === 0) page.paragraph([{ text: "No rule is of an SDK of its own." }], 2);
  else if (hasApp && sdks.every((sdk) => isIn(sdk) === 0))
    page.paragraph([{ text: "None of them was seen in this app." }], 2);
}

/** What the heading over permissions is, by what is explained. */
const PERMISSION_HEADINGS: Partial<Record<Subject["kind"], readonly [text: string, more: string]>> = {
  sdk: ["Permissions that it brings", "its own manifest is merged into the app's"],
  "support-library": ["Permissions that it brings", "its own manifest is merged into the app's"],
  "data-type": ["Permissions that open it", ""],
  api: ["Permissions", "that its APIs need, or give more with"],
  permission: ["What it opens", ""],
};

function renderPermissions(listing: Listing, { subject, permissions = [], opens, app }: Explanation): void {
  if (permissions.length === 0) return;
  const { page } = listing;
  const [text, more] = PERMISSION_HEADINGS[subject.kind] ?? ["Permissions", ""];
  heading(page, text, more);
  if (opens !== undefined) {
    const types = opens.length === 0 ? "No data type by itself." : opens.join(", ");
    page.paragraph([{ text: types }], 2);
    for (const { note } of permissions)
      if (note !== undefined) page.paragraph([{ text: note, tone: "dim" }], 2);
    if (app !== undefined)
      for (const permission of permissions)
        page.paragraph([{ text: `It is ${describeInApp(permission, app)}.` }], 2);
    return;
  }
  list(listing, permissions, 2, (permission) => {
    const { name, module, note, since, until } = permission;
    const details = [
      protectionOf(permission),
      ...(since === undefined ? [] : [`since API level ${since}`]),
      ...(until === undefined ? [] : [`until API level ${until}`]),
      ...(permission.opens.length === 0 || subject.kind === "data-type"
        ? []
        : [`opens ${permission.opens.join(", ")}`]),
      ...(module === undefined ? [] : [`only with ${module}`]),
      ...(app === undefined ? [] : [describeInApp(permission, app)]),
    ];
    const about = note === undefined ? "" : ` ${note}`;
    page.paragraph(
      [{ text: shortPermission(name) }, { text: `  ${details.join("; ")}.${about}`, tone: "dim" }],
      2,
      4,
    );
  });
}

function describeInApp({ inApp }: PermissionFact, { unread }: ExplainedApp): string {
  if (inApp === undefined)
    return unread.includes("AndroidManifest.xml")
      ? "not seen in this app, whose manifest could not be read whole"
      : "not requested by this app";
  if (inApp.impliedBy !== undefined) return `added by Android: ${inApp.impliedBy.because}`;
  const max = inApp.maxSdkVersion === undefined ? "" : ` up to API level ${inApp.maxSdkVersion}`;
  const flags = inApp.usesPermissionFlags === undefined ? "" : `, ${inApp.usesPermissionFlags.join(", ")}`;
  const names = inApp.usedBy.slice(0, MOST_LISTED).map((id) => (id === "first-party" ? "the app" : id));
  const users = names.length === 0 ? "" : `, used by ${names.join(", ")}`;
  return `requested by this app${max}${flags}${users}`;
}

function renderYields(listing: Listing, { subject, yields }: Explanation): void {
  if (yields === undefined) return;
  const { page, most } = listing;
  const isPermission = subject.kind === "permission";
  heading(page, isPermission ? "APIs that need it" : "APIs that yield it");
  if (yields.length === 0) page.paragraph([{ text: "The rules know none." }], 2);
  // One kind of data is told in full; of many, each in short.
  const isOne = yields.length === 1;
  const ofEach = { page, most: isOne ? most * 2 : Math.min(most, most === Infinity ? most : MOST_OF_EACH) };
  list({ page, most: most * 2 }, yields, 2, ({ id, name, apis, degradesTo, dataType }) => {
    if (subject.kind !== "api") {
      const type = isPermission ? `  ${id} · ${dataType}` : `  ${id}`;
      page.paragraph([{ text: name }, { text: type, tone: "dim" }], 2);
    }
    if (degradesTo !== undefined) {
      const text = `${dataType}; without ${shortPermission(degradesTo.whenMissing)} ${degradesTo.dataType}`;
      page.paragraph([{ text, tone: "dim" }], 4);
    }
    const isAbout = (need: NeedFact) => !isPermission || need.permissions.includes(subject.id);
    const needsOf = ({ needs }: ApiFact) => needs.filter(isAbout).map(describeNeed);
    const common = haveSameNeeds(apis) ? apis.slice(0, 1).flatMap(needsOf) : [];
    if (isOne || isPermission)
      for (const need of common) page.paragraph([{ text: `all need ${need}`, tone: "dim" }], 4, 6);
    else renderNeedsInShort(page, apis, id);
    const lines = apis.map((api) => {
      const own =
        common.length > 0 || !(isOne || isPermission) ? [] : needsOf(api).map((need) => `needs ${need}`);
      return { api, limits: [...own, ...describeApiLimits(api)].join("; ") };
    });
    // Methods of one name that differ in more than what they take are told apart by that.
    const byName = groupBy(lines, ({ api }) => nameApi(api));
    const distinct = [...byName].flatMap(([name, group]) => {
      const isAlike = group.every(({ limits }) => limits === group[0]!.limits);
      if (isAlike) return [{ name, limits: group[0]!.limits }];
      return group.map(({ api, limits }) => ({ name: nameApi(api, true), limits }));
    });
    list(ofEach, distinct, 4, ({ name, limits }) => {
      page.paragraph([{ text: name }, { text: `  ${limits}`, tone: "dim" }], 4, 6);
    });
  });
}

function haveSameNeeds(apis: readonly ApiFact[]): boolean {
  return new Set(apis.map(({ needs }) => JSON.stringify(needs))).size === 1;
}

/** Which permissions are needed; when which, the kind of data tells by itself. */
function renderNeedsInShort(page: Page, apis: readonly ApiFact[], id: string): void {
  const names = new Set(apis.flatMap(({ needs }) => needs.flatMap(({ permissions }) => permissions)));
  if (names.size === 0) return;
  const list = [...names].map(shortPermission).join(", ");
  const when =
    names.size === 1 && haveSameNeeds(apis) ? "" : `; which of them when: bycatch explain api:${id}`;
  page.paragraph([{ text: `needs ${list}${when}`, tone: "dim" }], 4, 6);
}

/** An API by its whole name: two libraries may have a class of one name. */
function nameApi({ kind, reference, constants = [] }: ApiFact, isTaking = false): string {
  const isMethod = kind === "method" || kind === "override";
  const name = sourceReference(reference) + (isTaking && isMethod ? parametersOf(reference) : "");
  const passed = constants.map((text) => JSON.stringify(text)).join(" or ");
  if (kind === "override") return `${name}, overridden`;
  if (kind === "field") return `${name}, read`;
  return passed === "" ? name : `${name} with ${passed}`;
}

function describeNeed(need: NeedFact): string {
  const { permissions, all, otherwise, fromTarget, toTarget, fromDevice, toDevice } = need;
  return [
    permissions.map(shortPermission).join(all ? " and " : " or ") +
      (otherwise === "partial" ? " (else incomplete)" : ""),
    ...describeSpan("target", fromTarget, toTarget),
    ...describeSpan("device", fromDevice, toDevice),
  ].join(", ");
}

/** Since when and until when an API yields the data, how sure that is. */
function describeApiLimits({ since, until, targetUntil, confidence, note }: ApiFact): string[] {
  return [
    ...(since === undefined ? [] : [`exists since API level ${since}`]),
    ...(until === undefined ? [] : [`yields it up to API level ${until}`]),
    ...(targetUntil === undefined ? [] : [`only to apps that target API level ${targetUntil} or lower`]),
    ...(confidence === "certain" ? [] : [confidence]),
    ...(note === undefined ? [] : [note.replace(/\.$/, "")]),
  ];
}

function describeSpan(of: "target" | "device", from: number | undefined, to: number | undefined): string[] {
  if (from === undefined && to === undefined) return [];
  const whom = of === "target" ? "for apps that target" : "on devices of";
  if (from === undefined) return [`${whom} API level ${to} or lower`];
  return [to === undefined ? `${whom} API level ${from} or higher` : `${whom} API levels ${from} to ${to}`];
}

function renderBringers(listing: Listing, { broughtBy, subject }: Explanation): void {
  if (broughtBy === undefined || subject.kind !== "permission") return;
  const { page } = listing;
  heading(page, "Brought by", "whose own manifest is known to request it");
  if (broughtBy.length === 0) page.paragraph([{ text: "No SDK of the rules." }], 2);
  const isIn = ({ presence }: { presence?: string }) => Number(presence === "present");
  const sorted = [...broughtBy].sort((a, b) => isIn(b) - isIn(a));
  list(listing, sorted, 2, ({ id, name, module, presence }) => {
    const only = module === undefined ? "" : `, only with ${module}`;
    page.paragraph(
      [
        { text: printable(name, 80) },
        { text: `  ${id}${only}`, tone: "dim" },
        { text: presence === "present" ? "  in the app" : "", tone: "alert" },
      ],
      2,
      4,
    );
  });
}

function renderReach(listing: Listing, { subject, access, app, presence, sdks = [] }: Explanation): void {
  const { page } = listing;
  if (app === undefined) return;
  const isOwn =
    (presence?.answer === "present" && presence.own !== undefined) || sdks.some((sdk) => sdk.isOwn === true);
  if (access === undefined && !isOwn) return;
  // Of what is not there it has been said.
  if (presence !== undefined && presence.answer !== "present") return;
  heading(
    page,
    subject.kind === "data-type" || subject.kind === "api" || subject.kind === "permission"
      ? "Who could access it in this app"
      : "What it could access in this app",
    "an access is no collection",
  );
  if (access?.length === 0) {
    const none = app.depth === "permitted" ? "Calls were not looked for." : "No access was seen.";
    page.paragraph([{ text: none }], 2);
  }
  list(listing, access ?? [], 2, (fact) => renderAccessFact(listing, fact, subject));
  if (isOwn) {
    const text = "Code that is the app makers' own is told with the rest of theirs:";
    page.paragraph([{ text, tone: "dim" }], 2);
    page.verbatim("bycatch explain first-party app.apk", 4, "dim");
  }
}

function renderAccessFact({ page, most }: Listing, fact: AccessFact, subject: Subject): void {
  const { party, name, company, dataType, rung, confidence, limits, accesses } = fact;
  const isOwn = subject.id === party;
  const who = company === undefined || isOwn || subject.kind === "vendor" ? "" : `  ${company.name}`;
  page.paragraph(
    [
      { text: isOwn ? dataType : `${printable(name, 80)}  ${dataType}`, tone: "alert" },
      { text: `  ${rung}${confidence === "certain" ? "" : `, ${confidence}`}` },
      { text: who, tone: "dim" },
    ],
    2,
    4,
  );
  list({ page, most }, accesses, 4, (access) => renderAccess(page, access));
  if (accesses.length > 0) return;
  page.paragraph([{ text: "by the app's permissions; its code was not seen to use them", tone: "dim" }], 4);
  renderLimits(page, limits, true, 4);
}

function renderFindings(listing: Listing, { subject, findings, app }: Explanation): void {
  if (findings === undefined || app === undefined) return;
  const { page } = listing;
  if (subject.kind === "finding") {
    renderOneFinding(listing, findings, app);
    return;
  }
  heading(page, "Findings in this app");
  if (findings.length === 0) {
    // Permissions' findings rest on calls.
    const isLookedFor = app.depth !== "permitted" || subject.id === "data-access";
    page.paragraph([{ text: isLookedFor ? "None was made." : "Calls were not looked for." }], 2);
  }
  list(listing, findings, 2, ({ id, confidence }) =>
    page.paragraph([{ text: printable(id, 300) }, { text: `  ${confidence}`, tone: "dim" }], 2, 4),
  );
}

/** A finding's own evidence; that of an access is told with its calls, and here how far it goes. */
function renderOneFinding(
  listing: Listing,
  findings: NonNullable<Explanation["findings"]>,
  app: ExplainedApp,
): void {
  const { page } = listing;
  for (const finding of findings) {
    const { kind, confidence, limits, evidence } = finding;
    if (kind === "data-access") {
      renderHowFar(page, finding, app);
      continue;
    }
    // Both ends are told with the way between them.
    if (kind === "data-hand-over" && finding.flows !== undefined) continue;
    heading(page, "Why", `${confidence}`);
    list(listing, evidence, 2, (item) => {
      const at = item.codeUnit === undefined ? "" : ` 0x${item.codeUnit.toString(16)}`;
      const caller = item.caller === undefined ? "" : `  in ${longReference(item.caller)}`;
      page.paragraph(
        [
          { text: item.kind === "permission" ? item.value : longReference(item.value) },
          { text: `${printable(caller, 300)}  ${item.entry}${at}`, tone: "dim" },
        ],
        2,
        4,
      );
    });
    renderLimits(page, limits, true, 2);
  }
}

function renderDocumented(listing: Listing, { subject, practices }: Explanation): void {
  if (practices === undefined) return;
  const { page } = listing;
  const isOfOne = subject.kind === "sdk" || subject.kind === "finding";
  if (isOfOne) heading(page, "Documented by the vendor", "what it says, not what was observed");
  else heading(page, "Documented by vendors", "what they say, not what was observed");
  if (practices.length === 0) page.paragraph([{ text: "Nothing that the rules know of.", tone: "dim" }], 2);
  const pages = [
    ...groupBy(practices, ({ party, source, readOn }) => JSON.stringify([party, source, readOn])).values(),
  ];
  list(listing, pages, 2, (group) => {
    const { name, source, readOn } = group[0]!;
    const whose = isOfOne ? "" : `${printable(name, 80)}: `;
    page.paragraph([{ text: `${whose}vendor says it ${describePractices(group, describePractice)}` }], 2, 4);
    page.verbatim(`${source}, read on ${readOn}`, 4, "dim");
  });
}

function renderSources(listing: Listing, sources: Explanation["sources"]): void {
  if (sources.length === 0) return;
  const { page } = listing;
  heading(page, "Sources", "of what the rules say");
  const groups = [
    ...groupBy(sources, ({ kind, where, readOn }) => JSON.stringify([kind, where, readOn])).values(),
  ];
  list(listing, groups, 2, (group) => {
    const { kind, where, readOn } = group[0]!;
    page.paragraph([{ text: where }, { text: `  ${kind}, read on ${readOn}`, tone: "dim" }], 2, 4);
  });
}

/** What else can be asked. */
function renderMore(page: Page, { app, subject }: Explanation, isVerbose: boolean): void {
  if (app !== undefined || isVerbose || subject.kind === "finding-kind") return;
  page.blank();
  page.paragraph([{ text: "With an app it is said how it stands there:", tone: "dim" }]);
  // These often have an SDK's or a data type's id, which would be taken first.
  const kind = subject.kind === "vendor" || subject.kind === "api" ? `${subject.kind}:` : "";
  page.verbatim(`bycatch explain ${kind}${subject.id} app.apk`, 2, "dim");
}
