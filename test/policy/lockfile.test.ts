import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Entry,
  type Inventory,
  looksLikeLockfile,
  parseLockfile,
  renderEntry,
  renderLockfile,
} from "../../src/policy/index.js";
import { keyOf, sortEntries } from "../../src/policy/inventory.js";

const HEAD = "lockfile-version 1\nrules 0123\ndepth referenced\nattributed-share 0.98\n";

/** What a name may be: plain, hostile, a word of the form itself, or nothing at all. */
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "",
    "com.acme.sdk",
    "unrecognised:com.acme",
    "by",
    "until-sdk",
    "yields-nothing",
    "#",
    "a b",
    'a"b',
    "\\",
    "<<<<<<<",
    "\n=======\n",
    "host a b",
    "\ud800",
    "\u202e",
    "\ufeff",
    "\0",
    "__proto__",
  ),
);
const rung = fc.constantFrom("permitted" as const, "referenced" as const);

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record(
    { kind: fc.constant("third-party" as const), party: name, version: name },
    { requiredKeys: ["kind", "party"] },
  ),
  fc.record(
    {
      kind: fc.constant("permission" as const),
      permission: name,
      maxSdkVersion: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      by: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }).map((names) => names.sort()),
    },
    { requiredKeys: ["kind", "permission", "by"] },
  ),
  fc.record({
    kind: fc.constant("data-access" as const),
    party: name,
    dataType: name,
    yields: name,
    rung,
    yieldsNothing: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("data-hand-over" as const), party: name, dataType: name }),
  fc.record({ kind: fc.constant("host" as const), party: name, host: name }),
);

const inventory: fc.Arbitrary<Inventory> = fc.record(
  {
    packageName: name,
    rulesVersion: name,
    depth: rung,
    attributedShare: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
    unread: fc.constant([]),
    entries: fc.uniqueArray(entry, { selector: keyOf, maxLength: 12 }).map(sortEntries),
  },
  { requiredKeys: ["rulesVersion", "depth", "attributedShare", "unread", "entries"] },
);

describe("laws", () => {
  test("what is written is read back, whatever the names", () => {
    fc.assert(
      fc.property(inventory, (written) => {
        expect(parseLockfile(renderLockfile(written), "bycatch.lock")).toEqual(written);
      }),
    );
  });

  test("and so with the line ends, the marks and the gaps that editors make", () => {
    fc.assert(
      fc.property(inventory, (written) => {
        const edited = `\ufeff${renderLockfile(written).replaceAll("\n", "  \r\n\r\n")}# the end`;
        expect(looksLikeLockfile(edited)).toBe(true);
        expect(parseLockfile(edited, "bycatch.lock")).toEqual(written);
      }),
    );
  });

  test("an entry is one line of ASCII, which begins with what it is about", () => {
    fc.assert(
      fc.property(entry, (written) => {
        const line = renderEntry(written);
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(`${line} `.startsWith(`${keyOf(written)} `)).toBe(true);
      }),
    );
  });

  test("a text that is no lockfile is refused with a place and a fix, or read; never anything else", () => {
    const word = fc.constantFrom(
      "third-party",
      "permission",
      "data-access",
      "host",
      "by",
      "until-sdk",
      "30",
      "referenced",
      "depth",
      "app",
      '"',
      '"a b"',
      "\\",
      "#",
      "lockfile-version",
      "1",
      "x",
      "<<<<<<<",
      "attributed-share",
      "yields-nothing",
    ); // prettier-ignore
    const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        try {
          const read = parseLockfile(HEAD + lines.join("\n"), "some.lock");
          expect(parseLockfile(renderLockfile(read), "some.lock")).toEqual(read);
        } catch (error) {
          expect(error).toMatchObject({
            name: "UsageError",
            where: expect.stringMatching(/^some\.lock:\d+$/),
            fix: expect.stringMatching(/\.$/),
          });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test("the form, as people and their tools see it", () => {
  const text = renderLockfile({
    packageName: "com.example.app",
    rulesVersion: "0123abcd",
    depth: "referenced",
    attributedShare: 0.9876,
    unread: [],
    entries: [
      { kind: "host", party: "adjust", host: "app.adjust.com" },
      { kind: "third-party", party: "unrecognised:com.acme" },
      { kind: "third-party", party: "adjust", version: "4.28 beta" },
      { kind: "permission", permission: "com.acme.\u202eSPY", by: ["first-party"], maxSdkVersion: 30 },
      {
        kind: "data-access",
        party: "adjust",
        dataType: "contacts",
        yields: "contacts",
        rung: "referenced",
        yieldsNothing: true,
      },
    ],
  });
  expect(text).toBe(`# What rides along in this app and was agreed to: one thing a line, sorted.
# Written by \`bycatch lock\`; \`bycatch check\` fails where a build has more, and \`bycatch check --update\` agrees to it.
lockfile-version 1
app com.example.app
rules 0123abcd
depth referenced
attributed-share 0.98

third-party adjust "4.28 beta"
third-party unrecognised:com.acme
permission "com.acme.\\u202eSPY" until-sdk 30 likely-by first-party
data-access adjust contacts contacts referenced yields-nothing
host adjust app.adjust.com
`);
});

test.each([
  [1, "1.00"],
  [0.9999, "0.99"],
  [0.29, "0.29"],
  [0.004, "0.00"],
])("a share of %d stands as %s: all is said only of all", (attributedShare, written) => {
  const text = renderLockfile({
    rulesVersion: "",
    depth: "referenced",
    attributedShare,
    unread: [],
    entries: [],
  });
  expect(text).toContain(`\nattributed-share ${written}\n`);
});

describe("a mistake is told with its line and what to do", () => {
  test.each<[string, string, number, RegExp]>([
    ["an unknown line", "sdk adjust", 5, /no lines that begin with `sdk`/],
    [
      "an unknown line that forges one of ours",
      '"a\\nbycatch: fine" x',
      5,
      /begin with `"a\\nbycatch: fine"`/,
    ],
    ["a third party without an id", "third-party", 5, /takes an id and, where it is known, a version/],
    ["a third party with too much", "third-party a 1 2", 5, /takes an id/],
    ["a permission without who brings it", "permission a", 5, /`by` with who brings it/],
    ["a permission likely-by nobody", "permission a by", 5, /`by` with who brings it/],
    [
      "a permission without its level",
      "permission a until-sdk likely-by b",
      5,
      /`until-sdk` and an API level/,
    ],
    ["a level that is no number", "permission a until-sdk 0x1e likely-by b", 5, /an API level/],
    ["a level out of all range", `permission a until-sdk ${"9".repeat(40)} by b`, 5, /an API level/],
    ["an empty level", 'permission a until-sdk "" likely-by b', 5, /an API level/],
    [
      "an access without a rung",
      "data-access a contacts",
      5,
      /a party, a data type, what kind of it, a rung \(permitted, referenced, reachable, flows\)/,
    ],
    ["an access with another rung", "data-access a contacts rumoured", 5, /a rung/],
    [
      "an access with another end",
      "data-access a contacts contacts referenced maybe",
      5,
      /perhaps `yields-nothing`/,
    ],
    ["a hand-over of nothing", "data-hand-over a", 5, /takes a party and a data type/],
    ["a hand-over with too much", "data-hand-over a b c", 5, /takes a party and a data type/],
    ["a host of nobody", "host a.example", 5, /takes a party and a host/],
    ["a host with too much", "host a b c", 5, /takes a party and a host/],
    ["a quote that is not closed", 'third-party "a', 5, /written like JSON's strings/],
    ["a quote inside a word", 'third-party a"b c"', 5, /written like JSON's strings/],
    ["a quote with more behind it", 'third-party "a"b', 5, /written like JSON's strings/],
    ["what JSON's strings have not", 'third-party "\\x41"', 5, /written like JSON's strings/],
    ["the same thing twice", "host a b\nthird-party c\nhost a b", 7, /says this of the same thing already/],
    [
      "the same thing otherwise",
      "third-party a 1\nthird-party a 2",
      6,
      /says this of the same thing already/,
    ],
    ["a head line twice", "depth permitted", 5, /another line says `depth` already/],
    ["a head line without a value", "app", 5, /`app` takes one value/],
    ["a head line with two", "app a b", 5, /`app` takes one value/],
    ["a merge's ours", "<<<<<<< HEAD\nhost a b", 5, /a merge was left unfinished here/],
    ["a merge's middle", "host a b\n=======\n", 6, /a merge was left unfinished here/],
    ["a merge's base", "host a b\n||||||| base\n", 6, /a merge was left unfinished here/],
    ["a merge's theirs", "host a b\n\n>>>>>>> theirs", 7, /a merge was left unfinished here/],
    ["a line without end", `host a ${"b".repeat(100_000)}`, 5, /a line has at most 65536 characters/],
  ])("%s", (_, lines, line, problem) => {
    expect(failureOf(HEAD + lines)).toMatchObject({
      where: `bycatch.lock:${line}`,
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(/\.$/),
    });
  });

  test.each<[string, string, string, RegExp]>([
    ["no version", "depth referenced", "bycatch.lock", /is no lockfile: it has no line `lockfile-version 1`/],
    [
      "another version",
      "# x\nlockfile-version 2",
      "bycatch.lock:2",
      /a lockfile of version 2, where 1 is known/,
    ],
    [
      "a hostile version",
      'lockfile-version "\\n\\u001b[2J"',
      "bycatch.lock:1",
      /of version "\\n\\u001b\[2J"/,
    ],
    ["another depth", "lockfile-version 1\ndepth flown", "bycatch.lock:2", /there is no depth flown/],
    ["no share", "lockfile-version 1", "bycatch.lock", /is a number from 0 to 1/],
    ...["2", "-0.1", "1.01", "1e-1", "NaN", '""', "0x1", "0.98765"].map(
      (share): [string, string, string, RegExp] => [
        `a share of ${share}`,
        `lockfile-version 1\nattributed-share ${share}`,
        "bycatch.lock:2",
        /is a number from 0 to 1/,
      ],
    ),
  ])("%s", (_, text, where, problem) => {
    expect(failureOf(text)).toMatchObject({
      where,
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(/\.$/),
    });
  });
});

describe("bounds", () => {
  const grow = (line: (index: number) => string, characters: number) => {
    const lines: string[] = [];
    for (let size = HEAD.length; size < characters; size += lines.at(-1)!.length + 1)
      lines.push(line(lines.length));
    return HEAD + lines.join("\n");
  };

  test("a file larger than any lockfile is refused before it is looked at", () => {
    expect(failureOf("x".repeat(5 * 1024 * 1024)).message).toMatch(/has more than 1048576 characters/);
  });

  test.each<[string, (index: number) => string]>([
    ["empty lines", () => ""],
    ["comments", () => "#"],
    ["hosts", (index) => `host a ${index.toString(36)}`],
    ["quoted words", (index) => `host "a " "${index.toString(36)}"`],
    ["bringers", (index) => `permission p${index} likely-by ${"b ".repeat(30_000)}`],
    ["quotes that close nothing", (index) => `host "a${index} ${'"b "c \\" '.repeat(6_000)}`],
  ])("as many %s as it may hold cost seconds at most", (_, line) => {
    const text = grow(line, 1_000_000);
    const started = process.cpuUsage();
    try {
      parseLockfile(text, "bycatch.lock");
    } catch (error) {
      expect(error).toMatchObject({ name: "UsageError" });
    }
    const { user, system } = process.cpuUsage(started);
    // Microseconds; what takes the square of its length would take hours.
    expect(user + system).toBeLessThan(20_000_000);
  });
});

describe("looksLikeLockfile", () => {
  test.each([
    HEAD,
    `\ufeff${HEAD}`,
    `# ours\r\n\r\n  ${HEAD}`,
    "lockfile-version\t9",
    "# What rides along in this app and was agreed to: one thing a line, sorted.\nfoo",
    renderLockfile({ rulesVersion: "", depth: "referenced", attributedShare: 1, unread: [], entries: [] }),
  ])("%j is one", (text) => {
    expect(looksLikeLockfile(text)).toBe(true);
  });

  test.each([
    "",
    "{}",
    "[1]",
    "PK\x03\x04",
    "# only a comment",
    "third-party libraries of ours",
    "app x\nlockfile-version 1",
    "name: x",
    "\n".repeat(5_000_000),
  ])("no other text is", (text) => {
    expect(looksLikeLockfile(text)).toBe(false);
  });
});

function failureOf(text: string): Error {
  try {
    parseLockfile(text, "bycatch.lock");
  } catch (error) {
    expect(error).toMatchObject({ name: "UsageError" });
    return error as Error;
  }
  throw new Error("it was read");
}
