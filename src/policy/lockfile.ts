import { UsageError } from "../diagnostics/index.js";
import { type Rung, rungs } from "../findings/index.js";
import type { Change } from "./compare-inventories.js";
import { type Entry, type Inventory, keyOf, type PermissionEntry, sortEntries } from "./inventory.js";
import { joinWords, quoteWord, splitWords } from "./lockfile-words.js";

/** Version of the lockfile's form: it changes when an older Bycatch would misread a newer file. */
const LOCKFILE_VERSION = "1";

/** Characters of a lockfile, and of one of its lines: ten thousand lines have half as many. */
const MOST_CHARACTERS = 1024 * 1024;
const MOST_OF_LINE = 64 * 1024;

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
    ...(packageName === undefined ? [] : [`app ${quoteWord(packageName)}`]),
    `rules ${quoteWord(rulesVersion)}`,
    `depth ${depth}`,
    `attributed-share ${renderShare(attributedShare)}`,
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
      return joinWords(entry.kind, entry.party, ...(entry.version === undefined ? [] : [entry.version]));
    case "permission": {
      const vow = entry.neverForLocation ? ["never-for-location"] : [];
      const until = entry.maxSdkVersion === undefined ? [] : ["until-sdk", String(entry.maxSdkVersion)];
      return joinWords(entry.kind, entry.permission, ...until, ...vow, ...wordOfBringers(entry), ...entry.by);
    }
    case "data-access":
      return joinWords(
        entry.kind,
        entry.party,
        entry.dataType,
        entry.yields,
        entry.rung,
        ...(entry.yieldsNothing ? ["yields-nothing"] : []),
      );
    case "data-hand-over":
      return joinWords(entry.kind, entry.party, entry.dataType);
    case "host":
      return joinWords(entry.kind, entry.party, entry.host);
  }
}

/** Android adds what it adds; of all else the merged manifest does not say who wrote it. */
function wordOfBringers({ by }: PermissionEntry): string[] {
  return [by.includes("android") ? "by" : "likely-by"];
}

export function renderShare(share: number): string {
  return (hundredthsOf(share) / 100).toFixed(2);
}

/** A share as a lockfile has it: so that not every build has another; rounded down: 1.00 is said only of all. */
export function hundredthsOf(share: number): number {
  // 0.29 * 100 is less than 29: first to the four digits that a share has.
  return Math.floor(Math.round(share * 10_000) / 100);
}

/** Whether a text begins as a lockfile does: with its comment, or with its version before any other line. */
export function looksLikeLockfile(text: string): boolean {
  const head = text.slice(0, MOST_OF_LINE).replace(/^\uFEFF/, "");
  const first = head
    .split("\n")
    .map((line) => line.trim())
    .find((line) => !isSilent(line));
  return head.startsWith(FIRST_LINE) || /^lockfile-version\b/.test(first ?? "");
}

const HEAD_KEYS = ["lockfile-version", "app", "rules", "depth", "attributed-share"] as const;
type HeadKey = (typeof HEAD_KEYS)[number];

function isSilent(line: string): boolean {
  return line === "" || line.startsWith("#");
}

/** A value of the head, and its line for messages. */
interface HeadValue {
  readonly value: string;
  readonly place: string;
}

/**
 * Parses a lockfile.
 *
 * @param path for messages
 * @throws UsageError with the line, what is wrong there and what to do; for a file larger than any lockfile is
 */
export function parseLockfile(text: string, path: string): Inventory {
  if (text.length > MOST_CHARACTERS)
    throw new UsageError(path, `has more than ${MOST_CHARACTERS} characters, which no lockfile has`, ANEW);
  const head = new Map<string, HeadValue>();
  const entries = new Map<string, Entry>();
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (isSilent(line)) continue;
    const place = `${path}:${index + 1}`;
    if (line.length > MOST_OF_LINE) throw wrongLine(place, `a line has at most ${MOST_OF_LINE} characters`);
    if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line))
      throw new UsageError(
        place,
        "a merge was left unfinished here",
        "Keep the lines of both sides, or write the lockfile anew with `bycatch lock`.",
      );
    const words = splitWords(line);
    if (words === undefined) throw wrongLine(place, "a quoted word is written like JSON's strings");
    const [kind, ...rest] = words as [string, ...string[]];
    if (isHeadKey(kind)) {
      if (rest.length !== 1) throw wrongLine(place, `\`${kind}\` takes one value`);
      if (head.has(kind)) throw wrongLine(place, `another line says \`${kind}\` already`);
      head.set(kind, { value: rest[0]!, place });
      continue;
    }
    const entry = parseEntry(kind, rest, place);
    const key = keyOf(entry);
    if (entries.has(key)) throw wrongLine(place, "another line says this of the same thing already");
    entries.set(key, entry);
  }
  return parseHead(head, path, [...entries.values()]);
}

function isHeadKey(word: string): word is HeadKey {
  return (HEAD_KEYS as readonly string[]).includes(word);
}

function parseHead(head: ReadonlyMap<string, HeadValue>, path: string, entries: readonly Entry[]): Inventory {
  const readValue = (key: HeadKey) => head.get(key)?.value;
  const placeOf = (key: HeadKey) => head.get(key)?.place ?? path;
  const version = readValue("lockfile-version");
  if (version === undefined)
    throw new UsageError(
      path,
      "is no lockfile: it has no line `lockfile-version 1`",
      "Write one with `bycatch lock app.apk`.",
    );
  if (version !== LOCKFILE_VERSION)
    throw new UsageError(
      placeOf("lockfile-version"),
      `this is a lockfile of version ${quoteWord(version.slice(0, 20))}, where ${LOCKFILE_VERSION} is known`,
      "Write it anew with `bycatch lock`, or use the Bycatch that wrote it.",
    );
  const packageName = readValue("app");
  const depth = readValue("depth") ?? "referenced";
  if (!isRung(depth))
    throw new UsageError(
      placeOf("depth"),
      `there is no depth ${quoteWord(depth.slice(0, 40))}`,
      `Depths are ${rungs.join(", ")}.`,
    );
  const share = readValue("attributed-share") ?? "";
  if (!/^(?:0(?:\.\d{1,4})?|1(?:\.0{1,4})?)$/.test(share))
    throw new UsageError(
      placeOf("attributed-share"),
      "`attributed-share` is a number from 0 to 1, with at most four digits",
      ANEW,
    );
  return {
    ...(packageName === undefined ? {} : { packageName }),
    rulesVersion: readValue("rules") ?? "",
    depth,
    attributedShare: Number(share),
    unread: [],
    entries: sortEntries(entries),
  };
}

function isRung(word: string): word is Rung {
  return (rungs as readonly string[]).includes(word);
}

function parseEntry(kind: string, rest: readonly string[], place: string): Entry {
  const [first, second] = rest;
  switch (kind) {
    case "third-party":
      if (first === undefined || rest.length > 2)
        throw wrongLine(place, "`third-party` takes an id and, where it is known, a version");
      return { kind, party: first, ...(second === undefined ? {} : { version: second }) };
    case "permission":
      return parsePermission(rest, place);
    case "data-access":
      return parseAccess(rest, place);
    case "data-hand-over":
      if (first === undefined || second === undefined || rest.length > 2)
        throw wrongLine(place, "`data-hand-over` takes a party and a data type");
      return { kind, party: first, dataType: second };
    case "host":
      if (first === undefined || second === undefined || rest.length > 2)
        throw wrongLine(place, "`host` takes a party and a host");
      return { kind, party: first, host: second };
    default:
      throw wrongLine(place, `a lockfile has no lines that begin with \`${quoteWord(kind.slice(0, 40))}\``);
  }
}

function parseAccess(rest: readonly string[], place: string): Entry {
  const [party, dataType, yields, rung, last] = rest;
  const isSound =
    party !== undefined &&
    dataType !== undefined &&
    yields !== undefined &&
    rung !== undefined &&
    isRung(rung) &&
    rest.length <= 5 &&
    (last === undefined || last === "yields-nothing");
  if (!isSound)
    throw wrongLine(
      place,
      `\`data-access\` takes a party, a data type, what kind of it, a rung (${rungs.join(", ")}) and perhaps \`yields-nothing\``,
    );
  return { kind: "data-access", party, dataType, yields, rung, yieldsNothing: last !== undefined };
}

function parsePermission(rest: readonly string[], place: string): Entry {
  const [permission, ...clauses] = rest;
  const hasUntil = clauses[0] === "until-sdk";
  // Any number of a manifest: it may be a negative one.
  const maxSdkVersion = !hasUntil
    ? undefined
    : /^-?\d{1,10}$/.test(clauses[1] ?? "")
      ? Number(clauses[1])
      : Number.NaN;
  const left = hasUntil ? clauses.slice(2) : clauses;
  const isVowed = left[0] === "never-for-location";
  const [by, ...parties] = isVowed ? left.slice(1) : left;
  const isSound =
    permission !== undefined &&
    (maxSdkVersion === undefined || !Number.isNaN(maxSdkVersion)) &&
    (by === "by" || by === "likely-by") &&
    parties.length > 0;
  if (!isSound)
    throw wrongLine(
      place,
      "`permission` takes a name, perhaps `until-sdk` and an API level, perhaps `never-for-location`, and `likely-by` or `by` with who brings it",
    );
  return {
    kind: "permission",
    permission,
    ...(maxSdkVersion === undefined ? {} : { maxSdkVersion }),
    ...(isVowed ? { neverForLocation: true } : {}),
    by: [...parties].sort(),
  };
}

const ANEW = "Write the lockfile anew with `bycatch lock`, and look at the difference.";

function wrongLine(place: string, problem: string): UsageError {
  return new UsageError(place, problem, ANEW);
}
