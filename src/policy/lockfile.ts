import { UsageError } from "../diagnostics/index.js";
import { type Rung, rungs } from "../findings/index.js";
import type { Change } from "./compare-inventories.js";
import { type Entry, type Inventory, keyOf, sortEntries } from "./inventory.js";

/** Version of the lockfile's form: it changes when an older Bycatch would misread a newer file. */
const LOCKFILE_VERSION = "1";

const FIRST_LINE = "# What rides along in this app and was agreed to: one thing a line, sorted.";

/**
 * Text of a lockfile. Each line says one thing and stands by itself, so that a difference of two files can be
 * read, and merged, line by line.
 */
export function renderLockfile({
  packageName,
  rulesVersion,
  depth,
  attributedShare,
  entries,
}: Inventory): string {
  const head = [
    FIRST_LINE,
    "# Written by `bycatch lock`; `bycatch check` fails where a build has more, and `bycatch check --update` agrees to it.",
    `lockfile-version ${LOCKFILE_VERSION}`,
    ...(packageName === undefined ? [] : [`app ${quote(packageName)}`]),
    `rules ${quote(rulesVersion)}`,
    `depth ${depth}`,
    `attributed-share ${attributedShare.toFixed(2)}`,
  ];
  return `${[...head, "", ...sortEntries(entries).map(renderEntry)].join("\n")}\n`;
}

/** A change as lines of a lockfile, `-` before the old and `+` before the new. */
export function renderChange({ before, after }: Change): string[] {
  return [
    ...(before === undefined ? [] : [`- ${renderEntry(before)}`]),
    ...(after === undefined ? [] : [`+ ${renderEntry(after)}`]),
  ];
}

/** An entry as a lockfile's line. */
export function renderEntry(entry: Entry): string {
  switch (entry.kind) {
    case "third-party":
      return words(entry.kind, entry.party, ...(entry.version === undefined ? [] : [entry.version]));
    case "permission": {
      const until = entry.maxSdkVersion === undefined ? [] : ["until-sdk", String(entry.maxSdkVersion)];
      return words(entry.kind, entry.permission, ...until, "by", ...entry.by);
    }
    case "data-access":
      return words(
        entry.kind,
        entry.party,
        entry.dataType,
        entry.rung,
        ...(entry.yieldsNothing ? ["yields-nothing"] : []),
      );
    case "host":
      return words(entry.kind, entry.party, entry.host);
  }
}

function words(...all: readonly string[]): string {
  return all.map(quote).join(" ");
}

/** What could be misread, or could play tricks on who reads it, stands as a JSON string of ASCII. */
function quote(word: string): string {
  if (/^[\w.:/+@$*-]+$/.test(word)) return word;
  return JSON.stringify(word).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether a text begins as a lockfile does. */
export function looksLikeLockfile(text: string): boolean {
  return /^(?:\uFEFF?(?:#.*)?\r?\n)*lockfile-version\b/.test(text);
}

/**
 * Parses a lockfile.
 *
 * @param path for messages
 * @throws UsageError with the line, what is wrong there and what to do
 */
export function parseLockfile(text: string, path: string): Inventory {
  const head = new Map<string, string>();
  const entries = new Map<string, Entry>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const place = `${path}:${index + 1}`;
    if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line))
      throw new UsageError(
        place,
        "a merge was left unfinished here",
        "Keep the lines of both sides, or write the lockfile anew with `bycatch lock`.",
      );
    const [kind, ...rest] = splitWords(line, place);
    if (HEAD_KEYS.has(kind!)) {
      if (rest.length !== 1) throw wrongLine(place, `\`${kind}\` takes one value`);
      head.set(kind!, rest[0]!);
      continue;
    }
    const entry = parseEntry(kind!, rest, place);
    if (entries.has(keyOf(entry))) throw wrongLine(place, "another line says this of the same thing already");
    entries.set(keyOf(entry), entry);
  }
  return parseHead(head, path, [...entries.values()]);
}

const HEAD_KEYS: ReadonlySet<string> = new Set([
  "lockfile-version",
  "app",
  "rules",
  "depth",
  "attributed-share",
]);

function parseHead(head: ReadonlyMap<string, string>, path: string, entries: readonly Entry[]): Inventory {
  const version = head.get("lockfile-version");
  if (version === undefined)
    throw new UsageError(
      path,
      "is no lockfile: it has no line `lockfile-version 1`",
      "Write one with `bycatch lock app.apk`.",
    );
  if (version !== LOCKFILE_VERSION)
    throw new UsageError(
      path,
      `is a lockfile of version ${version.slice(0, 20)}, and this is for ${LOCKFILE_VERSION}`,
      "Write it anew with `bycatch lock`, or use the Bycatch that wrote it.",
    );
  const packageName = head.get("app");
  const depth = head.get("depth") ?? "referenced";
  if (!isRung(depth))
    throw new UsageError(
      path,
      `there is no depth ${JSON.stringify(depth)}`,
      `Depths are ${rungs.join(", ")}.`,
    );
  const share = Number(head.get("attributed-share") ?? Number.NaN);
  if (!(share >= 0 && share <= 1))
    throw new UsageError(
      path,
      "has no `attributed-share` from 0 to 1",
      "Write the lockfile anew with `bycatch lock`.",
    );
  return {
    ...(packageName === undefined ? {} : { packageName }),
    rulesVersion: head.get("rules") ?? "",
    depth,
    attributedShare: share,
    unread: [],
    entries: sortEntries(entries),
  };
}

function isRung(word: string): word is Rung {
  return (rungs as readonly string[]).includes(word);
}

function parseEntry(kind: string, rest: readonly string[], place: string): Entry {
  const [first, second, third, fourth] = rest;
  switch (kind) {
    case "third-party":
      if (first === undefined || rest.length > 2)
        throw wrongLine(place, "`third-party` takes an id and, where it is known, a version");
      return { kind, party: first, ...(second === undefined ? {} : { version: second }) };
    case "permission":
      return parsePermission(rest, place);
    case "data-access":
      if (
        first === undefined ||
        second === undefined ||
        third === undefined ||
        !isRung(third) ||
        rest.length > 4 ||
        (fourth !== undefined && fourth !== "yields-nothing")
      )
        throw wrongLine(
          place,
          `\`data-access\` takes a party, a data type, a rung (${rungs.join(", ")}) and perhaps \`yields-nothing\``,
        );
      return { kind, party: first, dataType: second, rung: third, yieldsNothing: fourth !== undefined };
    case "host":
      if (first === undefined || second === undefined || rest.length > 2)
        throw wrongLine(place, "`host` takes a party and a host");
      return { kind, party: first, host: second };
    default:
      throw wrongLine(place, `a lockfile has no lines that begin with \`${kind.slice(0, 40)}\``);
  }
}

function parsePermission(rest: readonly string[], place: string): Entry {
  const [permission, ...clauses] = rest;
  const hasUntil = clauses[0] === "until-sdk";
  const maxSdkVersion = hasUntil ? Number(clauses[1]) : undefined;
  const [by, ...parties] = hasUntil ? clauses.slice(2) : clauses;
  const isSound =
    permission !== undefined &&
    (maxSdkVersion === undefined || Number.isSafeInteger(maxSdkVersion)) &&
    by === "by" &&
    parties.length > 0;
  if (!isSound)
    throw wrongLine(
      place,
      "`permission` takes a name, perhaps `until-sdk` and an API level, and `by` with who brings it",
    );
  return {
    kind: "permission",
    permission,
    ...(maxSdkVersion === undefined ? {} : { maxSdkVersion }),
    by: [...parties].sort(),
  };
}

function splitWords(line: string, place: string): string[] {
  const found: string[] = [];
  for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)) {
    if (!word.startsWith('"')) found.push(word);
    else {
      try {
        found.push(JSON.parse(word) as string);
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        throw wrongLine(place, "a quoted word is written like JSON's strings");
      }
    }
  }
  return found;
}

function wrongLine(place: string, problem: string): UsageError {
  return new UsageError(
    place,
    problem,
    "Write the lockfile anew with `bycatch lock`, and look at the difference.",
  );
}
