import type { AuditResult } from "../findings/index.js";
import { BuildView } from "./selector.js";

/** A policy that a build passes as it is, and what was thought in writing it. */
export interface ProposedPolicy {
  /** YAML, with a comment on each rule. */
  readonly text: string;
  /** Sentences for the user: what the rules hold on to, and what is worth a thought. */
  readonly notes: readonly string[];
}

/** Data of which its owner would ask who gets it. */
const TELLING = [
  "precise-location",
  "approximate-location",
  "contacts",
  "phone-number",
  "sms-or-mms",
  "emails",
  "calendar-events",
  "photos",
  "videos",
  "voice-or-sound-recordings",
  "health-info",
  "fitness-info",
  "installed-apps",
  "web-browsing-history",
  "device-or-other-ids",
] as const;

/**
 * Proposes a policy for an app: what no third party does today stays so, and what some do is theirs alone. It
 * passes today; what should not stay is for its owner to take out.
 */
export function proposePolicy(result: AuditResult): ProposedPolicy {
  const view = new BuildView(result);
  const readers = TELLING.map((dataType) => ({
    dataType,
    parties: [...new Set(view.find({ "data-type": dataType }).map(({ party }) => party!))],
  }));
  const unread = readers.filter(({ parties }) => parties.length === 0).map(({ dataType }) => dataType);
  const read = readers.filter(({ parties }) => parties.length > 0);
  const brokers = view.find({ category: "data-broker" }).map(({ party }) => party!);
  const unknown = view.find({ party: "unrecognised" }).map(({ party }) => party!);
  const name = result.app.packageName;
  const lines = [
    `# What ${name === undefined ? "this app" : word(name)} may ship: proposed by \`bycatch init\` from a build that passes it, and now yours.`,
    "# rules/policies/README.md of Bycatch tells how to write more. Policies that ship: children, health, no-location;",
    "# `extends: [children]` builds on one.",
    "policy-version: 1",
    "rules:",
    ...rule("no-data-broker", "No data broker is in the build", ["category: data-broker"], brokers, {
      because: "Who sells data on needs a decision, not a dependency.",
    }),
    ...(unread.length === 0
      ? []
      : rule(
          "nothing-new-is-read",
          "No third party begins to access these",
          [`data-type: [${unread.join(", ")}]`],
          [],
          {
            because: "No third party's code could access any of it when this was written.",
          },
        )),
    ...read.flatMap(({ dataType, parties }) =>
      rule(
        `only-known-${dataType}`,
        `Only those named here could access ${dataType}`,
        [`data-type: ${dataType}`],
        parties,
        {
          comment: "Today these could: take out who should not.",
        },
      ),
    ),
    ...rule(
      "known-third-parties",
      "Every third party is one that is known",
      ["party: unrecognised"],
      unknown,
      {
        severity: "warning",
        because: "Nobody can say what a third party does whom no rule knows.",
      },
    ),
    ...proposeSwitches(result),
  ];
  return { text: `${lines.join("\n")}\n`, notes: describeProposal(result, read, brokers, unknown) };
}

/** Parties that one rule lets through by name: no app has more, but one that is made to. */
const MOST_NAMED = 200;

function rule(
  id: string,
  title: string,
  deny: readonly string[],
  unless: readonly string[],
  extra: { readonly because?: string; readonly severity?: "warning"; readonly comment?: string },
): string[] {
  if (unless.length > MOST_NAMED)
    return [`  # ${id} is left out: ${unless.length} parties would have to be let through by name.`];
  return [
    `  - id: ${id}`,
    `    title: ${title}`,
    "    deny:",
    ...deny.map((line) => `      ${line}`),
    ...(unless.length === 0
      ? []
      : [
          ...(extra.comment === undefined ? [] : [`    # ${extra.comment}`]),
          "    unless:",
          "      sdk:",
          ...unless.map((party) => `        - ${word(party)}`),
        ]),
    ...(extra.severity === undefined ? [] : [`    severity: ${extra.severity}`]),
    ...(extra.because === undefined ? [] : [`    because: ${extra.because}`]),
  ];
}

/** A name out of a file, safe in YAML and in a comment. */
function word(text: string): string {
  return /^[A-Za-z][\w.:-]*[\w-]$/.test(text) && !/: |:$/.test(text)
    ? text
    : JSON.stringify(text).replace(
        /[^\x20-\x7e]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
}

/** Switches that vendors document and that are not off: to be asked for by who wants them off. */
function proposeSwitches({ parties }: AuditResult): string[] {
  const open = parties.flatMap(({ id, switches = [] }) =>
    switches.filter(({ value, off }) => value !== off).map((one) => ({ id, ...one })),
  );
  if (open.length === 0) return [];
  return [
    "  # Switches that vendors document and that are not off in this build. To hold one off, take the # away:",
    ...open.flatMap(({ id, metaData, effect }) => [
      `  # ${word(effect)}`,
      `  # - id: ${id}-switched-off-${metaData
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "")}`,
      `  #   require: { sdk: ${word(id)}, switched-off: ${word(metaData)} }`,
    ]),
  ];
}

function describeProposal(
  { findings, coverage }: AuditResult,
  read: readonly { readonly dataType: string; readonly parties: readonly string[] }[],
  brokers: readonly string[],
  unknown: readonly string[],
): string[] {
  const piggyBack = findings
    .filter(({ kind }) => kind === "piggy-back-permission")
    .flatMap(({ permissions = [] }) => permissions);
  const { unattributed } = coverage.classes;
  return [
    ...(brokers.length > 0
      ? [`A data broker is in the build, and is let through: ${brokers.join(", ")}.`]
      : []),
    ...read.map(({ dataType, parties }) => `Could access ${dataType}, and may go on: ${parties.join(", ")}.`),
    ...(piggyBack.length > 0
      ? [`Only third parties use ${[...new Set(piggyBack)].join(", ")}: does the app need it?`]
      : []),
    ...(unknown.length > 0 ? [`No rule knows ${unknown.join(", ")}: find out what they are.`] : []),
    ...(unattributed > 0
      ? [
          `${unattributed} classes could be given to nobody; with the build's mapping.txt (--mapping) more is seen.`,
        ]
      : []),
  ];
}
