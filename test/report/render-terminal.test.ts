import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AuditResult, PartySummary } from "../../src/index.js";
import { displayWidth } from "../../src/report/display-width.js";
import { type Detail, renderTerminal } from "../../src/report/index.js";
import {
  access,
  buildResult,
  call,
  missingPermission,
  party,
  permission,
  permitted,
  type ResultParts,
  says,
} from "../support/result-builder.js";
import { following } from "./example-flows.js";
import { empty, incomplete, reaching, speedTest } from "./example-results.js";
import { expectGolden } from "./expect-golden.js";

const details: readonly Detail[] = ["summary", "normal", "verbose"];
const examples = { speedTest, reaching, following, incomplete, empty };

const API = "Landroid/telephony/TelephonyManager;->getImei()Ljava/lang/String;";
const CALLER = "Lcom/acme/Sdk;->start()V";

function render(parts: ResultParts, detail: Detail = "normal", width = 80): string {
  return renderTerminal(buildResult(parts), { color: false, width, detail });
}

describe("the whole page", () => {
  test.each([80, 140])("an app with everything, at %i columns", (width) => {
    const path = new URL(`speed-test-${width}.golden.txt`, import.meta.url);
    const text = renderTerminal(incomplete(), { color: false, width, detail: "normal" });
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });

  test.each([
    ["reaching-80", 80, "normal"],
    ["reaching-140", 140, "normal"],
    ["reaching-verbose-80", 80, "verbose"],
  ] as const)("an app of which it is known what can run: %s", (name, width, detail) => {
    expectGolden(`${name}.golden.txt`, renderTerminal(reaching(), { color: false, width, detail }));
  });

  test.each([
    ["following-80", 80, "normal"],
    ["following-verbose-140", 140, "verbose"],
  ] as const)("an app of which it is known where data goes: %s", (name, width, detail) => {
    expectGolden(`${name}.golden.txt`, renderTerminal(following(), { color: false, width, detail }));
  });

  test("where the whole graph was followed, the page says so", () => {
    const text = renderTerminal(
      { ...reaching(), reachability: { entryPoints: 1, methods: 1, gaps: [] } },
      { color: false, width: 140, detail: "normal" },
    );
    expect(text).toContain("no calls lead there, and all of the code was followed.");
    expect(text).not.toContain("More may run");
  });

  test("an app without anything", () => {
    expect(renderTerminal(empty(), { color: false, width: 80, detail: "normal" })).toBe(
      `app.apk  package unknown
target 34 · min 24 · 0 DEX files · 0 classes

No third party was found. No code was read.

Access is not collection: what code could read on the device, not what it sends.
`,
    );
  });

  test.each(Object.keys(examples) as (keyof typeof examples)[])(
    "%s: no line is longer than the page",
    (name) => {
      for (const detail of details) {
        for (const width of [40, 57, 80, 109, 110, 140, 200]) {
          const lines = renderTerminal(examples[name](), { color: false, width, detail }).split("\n");
          const long = lines.filter((line) => displayWidth(line) > width);
          expect(long, `${detail} at ${width}`).toEqual([]);
          expect(
            lines.filter((line) => /\s$/.test(line)),
            "spaces at the end",
          ).toEqual([]);
        }
      }
    },
  );

  test.each(details)("%s: colour adds nothing but colour", (detail) => {
    const plain = renderTerminal(incomplete(), { color: false, width: 80, detail });
    const colored = renderTerminal(incomplete(), { color: true, width: 80, detail });
    expect(plain).not.toContain("\x1b");
    expect(colored).not.toBe(plain);
    expect(colored.replace(/\x1b\[(?:1|2|22|3[1-3]|39)m/g, "")).toBe(plain);
  });

  test("an access is never called a collection", () => {
    for (const detail of details) {
      const text = renderTerminal(incomplete(), { color: false, width: 140, detail });
      // The switch's name is others' words, and so is what a vendor says, which is called that.
      const others =
        /plankton_collection_enabled|Access is not collection|vendor says it collects|; does not collect/g;
      expect(text.replaceAll(/\n +/g, " ").replaceAll(others, "")).not.toMatch(/collect(?!or|\b)/i);
    }
  });
});

describe("hostile text", () => {
  const hostile = `\x1b[2J\x1b]0;gone\x07\u202e\u200b\r\n\x9b31m汉e\u0301\u0302\u0303\u0304${"x".repeat(3_000)}`;
  /** Words of ours, by which the report decides; all else comes from files or rules. */
  const ours = new Set(["kind", "confidence", "leaves", "effect", "code", "rung", "depth", "protection"]);

  /** Every other text with poison at its end: equal texts stay equal, so that parties keep what is theirs. */
  function poison(value: unknown, key = ""): unknown {
    if (typeof value === "string") return ours.has(key) ? value : value + hostile;
    if (Array.isArray(value)) return value.map((item) => poison(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, name)]));
  }

  test.each(details)(
    "%s: nothing that a terminal obeys gets through, and the page stays in shape",
    (detail) => {
      const result = poison({ ...reaching(), coverage: incomplete().coverage }) as AuditResult;
      for (const width of [40, 80, 140]) {
        const text = renderTerminal(result, { color: false, width, detail });
        expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(text.split("\n").filter((line) => displayWidth(line) > width)).toEqual([]);
      }
    },
  );

  test("a name of a million characters does not fill the screen", () => {
    const text = render({ parties: [party("long", "x".repeat(1_000_000))] }, "verbose");
    expect(text.length).toBeLessThan(3_000);
  });
});

describe("the summary", () => {
  const third = (id: string) => party(id, id.toUpperCase());
  const free = (id: string) => access(id, "device-or-other-ids", API, CALLER);
  const blocked = (id: string) =>
    access(id, "contacts", API, CALLER, { limits: [missingPermission("READ_CONTACTS")] });

  test.each<[string, ResultParts, string]>([
    ["nobody", { parties: [] }, "No third party was found. No code was read."],
    [
      "one that could",
      { parties: [third("a")], accesses: [free("a")] },
      "1 third party, it could access personal data.",
    ],
    [
      "one that was not seen to",
      { parties: [third("a")] },
      "1 third party; it was not seen to access personal data.",
    ],
    [
      "none of several",
      { parties: [third("a"), third("b")] },
      "2 third parties; none was seen to access personal data.",
    ],
    [
      "one of several",
      { parties: [third("a"), third("b")], accesses: [free("b")] },
      "2 third parties, 1 could access personal data.",
    ],
    [
      "all",
      { parties: [third("a"), third("b")], accesses: [free("a"), free("b")] },
      "2 third parties, both could access personal data.",
    ],
    [
      "one whose call yields nothing",
      { parties: [third("a")], accesses: [blocked("a")] },
      "1 third party; it was not seen to access personal data.",
    ],
    [
      "not looked",
      { parties: [third("a")], depth: "permitted" },
      "1 third party; what its code does was not looked at.",
    ],
    [
      "a support library is no third party",
      { parties: [party("okio", "Okio", { kind: "support-library" })] },
      "No third party was found.",
    ],
  ])("%s", (_, parts, expected) => {
    expect(render(parts).split("\n")[3]).toContain(expected);
  });

  test("shares are rounded: 100% is said only of all", () => {
    const share = (attributedShare: number) => {
      const result = buildResult({ parties: [third("a")] });
      const text = renderTerminal(
        { ...result, coverage: { ...result.coverage, attributedShare } },
        { color: false, width: 120, detail: "summary" },
      );
      return text.slice(text.indexOf("data. ") + 6).trim();
    };
    expect(share(1)).toBe("All of the code attributed.");
    expect(share(0.9999)).toBe("99% of the code attributed.");
    expect(share(0.29)).toBe("29% of the code attributed.");
    expect(share(22 / 31)).toBe("71% of the code attributed.");
    expect(share(0.999999)).toBe("99% of the code attributed.");
    expect(share(0)).toBe("0% of the code attributed.");
  });

  test("where parts could not be read, absence is claimed only for the rest", () => {
    const message = "classes.dex@0x0 header_item: bad magic";
    const text = render({
      diagnostics: [{ effect: "unread", code: "bad-magic", part: "classes.dex", message }],
    });
    expect(text).toContain("No third party was found in what could be read.");
    expect(text.replaceAll("\n", " ")).toContain("Incomplete: 1 part could not be read.");
    expect(text).toContain(`Not read  Nothing is claimed absent for what these could hide.\n  ${message}\n`);
  });
});

describe("third parties", () => {
  test("come in the order of what matters, SDKs before what nobody recognised", () => {
    const text = render({
      parties: [
        party("none", "A none"),
        party("limited", "B limited"),
        party("unrecognised:com.x", "com.x", { kind: "unrecognised" }),
        party("possible", "C possible"),
        party("two", "Z two"),
        party("one", "Y one"),
      ],
      accesses: [
        access("limited", "contacts", API, CALLER, { limits: [missingPermission("READ_CONTACTS")] }),
        access("possible", "contacts", API, CALLER, { confidence: "possible" }),
        access("possible", "photos", API, CALLER, { confidence: "possible" }),
        access("possible", "videos", API, CALLER, { confidence: "possible" }),
        access("one", "contacts", API, CALLER),
        access("two", "contacts", API, CALLER),
        access("two", "photos", API, CALLER),
        access("unrecognised:com.x", "photos", API, CALLER),
      ],
    });
    const names = ["Z two", "Y one", "C possible", "B limited", "com.x", "No access seen in 1 more: A none"];
    const places = names.map((name) => text.indexOf(`\n${name}`));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("a row tells rung, what is accessed how often, the best evidence, and how sure it is", () => {
    const text = render({
      parties: [party("acme", "Acme", { confidence: "likely" })],
      accesses: [
        access("acme", "device-or-other-ids", API, CALLER, {
          yields: "imei-meid",
          limits: [missingPermission("PHONE")],
        }),
        access("acme", "device-or-other-ids", "La/B;->c()V", CALLER, {
          yields: "android-id",
          callSites: 4,
          confidence: "possible",
        }),
      ],
    });
    expect(text).toContain(
      `  device-or-other-ids  referenced  5 calls, possible: android-id, imei-meid
                                   (limited)
    Sdk.start -> a.B.c
`,
    );
    expect(text).toContain("likely present");
  });

  test("what is no call is a place", () => {
    const evidence = [call("content://com.android.contacts", CALLER, { kind: "content-uri" })];
    const text = render({
      parties: [party("acme", "Acme")],
      accesses: [
        access("acme", "contacts", "content://com.android.contacts", CALLER, { evidence, callSites: 2 }),
      ],
    });
    expect(text).toContain(
      "  contacts        referenced  2 places\n    Sdk.start -> content://com.android.contacts\n",
    );
  });

  test("of several limits the one that leaves least is told, and all where all is told", () => {
    const sometimes = {
      kind: "api-level",
      leaves: "sometimes",
      message: "Only up to API level 28.",
    } as const;
    const parts: ResultParts = {
      parties: [party("acme", "Acme")],
      accesses: [
        access("acme", "contacts", API, CALLER, { limits: [sometimes, missingPermission("READ_CONTACTS")] }),
      ],
    };
    expect(render(parts, "normal", 140)).toContain(
      "limited: Without READ_CONTACTS, which the app does not request, it yields nothing. (and 1 other limit)",
    );
    expect(render(parts, "normal", 140)).not.toContain("Only up to");
    expect(render(parts, "verbose", 140)).toContain("limited: Only up to API level 28.\n");
  });

  test("what permissions open is said once, in one paragraph", () => {
    const text = render({
      parties: [party("a", "A"), party("b", "B")],
      findings: [
        permitted("a", "photos", "P"),
        permitted("b", "photos", "P"),
        permitted("b", "contacts", "P"),
      ],
    });
    expect(text).toContain("\nPermitted to all of them by the app's permissions: contacts, photos\n");
    expect(text.match(/photos/g)).toHaveLength(1);
  });

  test("every place is told where all is told, and what was not kept is counted", () => {
    const evidence = [
      call(`${API} "a"`, CALLER, { codeUnit: 31 }),
      call(API, "Lcom/acme/Sdk;->stop()V", { entry: "classes2.dex", kind: "reflection" }),
    ];
    const text = render(
      {
        parties: [party("acme", "Acme")],
        accesses: [access("acme", "contacts", API, CALLER, { evidence, callSites: 5 })],
      },
      "verbose",
      120,
    );
    expect(text).toContain('com.acme.Sdk.start  classes.dex 0x1f  "a"\n');
    expect(text).toContain("com.acme.Sdk.stop  classes2.dex 0x12  by reflection, TelephonyManager.getImei\n");
    expect(text).toContain("and 3 more\n");
  });

  test("a switch is shown as it stands", () => {
    const switches = [
      { metaData: "acme_on", off: "false", effect: "Nothing is recorded." },
      { metaData: "acme_ads", off: "0", value: "1", effect: "No ads are asked for." },
      { metaData: "acme_id", off: "false", value: "false", effect: "No id is read." },
    ];
    const text = render({
      parties: [party("acme", "Acme", { switches })],
      accesses: [access("acme", "contacts", API, CALLER)],
    });
    expect(text).toContain("switch off      acme_on = false\n");
    expect(text).toContain("switch off      acme_ads = 0  (is 1)\n");
    expect(text).toContain("switched off    acme_id = false\n");
  });

  test("one that is known by its manifest only says that its code was not found", () => {
    expect(render({ parties: [party("acme", "Acme", { classes: 0 })] }, "verbose")).toContain(
      "no code by its name",
    );
  });
});

describe("permissions", () => {
  test("those of one source that Android adds stand together", () => {
    const implied = (name: string, source: string) =>
      permission(`android.permission.${name}`, {
        declaredBy: [],
        impliedBy: { permission: `android.permission.${source}`, because: "it does", sinceSdkVersion: 1 },
      });
    const text = render({ permissions: [implied("A", "X"), implied("B", "X"), implied("C", "Y")] });
    expect(text).toContain("Permissions  0 requested\n");
    expect(text).toContain("  added by Android        A, B  with X\n                          C  with Y\n");
  });

  test("one that a third party brings names it, unless any app asks for it", () => {
    const declaredBy = [{ party: "acme", confidence: "likely" as const }];
    const text = render({
      parties: [party("acme", "Acme")],
      permissions: [
        permission("android.permission.INTERNET", { protection: "normal", declaredBy }),
        permission("com.google.android.gms.permission.AD_ID", {
          protection: "normal",
          declaredBy,
          usedBy: ["acme"],
        }),
      ],
    });
    expect(text).toContain("  likely brought by       AD_ID  Acme\n");
    expect(text).not.toContain("INTERNET");
  });
});

test("many hosts and parties are counted, not listed, unless all is told", () => {
  const names = Array.from({ length: 10 }, (_, index) => `P${index}`);
  const parts: ResultParts = {
    parties: names.map((name) => party(name, name)),
    hosts: names.flatMap((name) =>
      [1, 2, 3, 4, 5].map((sites) => ({
        party: name,
        host: `h${sites}.${name}.example`,
        sites,
        urls: [],
        evidence: [],
      })),
    ),
  };
  expect(render(parts)).toContain("  P0  h5.P0.example, h4.P0.example, h3.P0.example +2\n");
  expect(render(parts)).toContain("  and 2 more third parties (--verbose lists them)\n");
  expect(render(parts, "verbose")).toContain("h1.P9.example");
});

describe("what vendors say", () => {
  const page = "https://acme.example/privacy";
  const acme = (practices: PartySummary["practices"], parts: Partial<PartySummary> = {}) =>
    party("acme", "Acme", { ...parts, ...(practices === undefined ? {} : { practices }) });
  const seen = access("acme", "contacts", API, CALLER);

  test("is one line beside what was seen, with the day it was read", () => {
    const text = render({
      parties: [acme([says("photos", page), says("contacts", page)])],
      accesses: [seen],
    });
    expect(text).toContain("\n  documented      vendor says it collects: photos, contacts (2026-11-22)\n");
  });

  test("is told of a party in whose code nothing was seen", () => {
    const text = render({ parties: [acme([says("photos", page, { collected: false })])] });
    expect(text).toContain("\n  documented of Acme: vendor says it does not collect: photos (2026-11-22)\n");
  });

  test("is told with purposes and page where all is told, each page once", () => {
    const practices = [
      says("photos", page, { shared: false, purposes: ["analytics", "personalization"] }),
      says("contacts", page),
      says("videos", "https://acme.example/faq", { readOn: "2026-01-10" }),
    ];
    const text = render({ parties: [acme(practices)], accesses: [seen] }, "verbose", 200);
    expect(text).toContain(
      `documented      vendor says it collects: photos (not shared; analytics, personalization), contacts  ${page}, read on 2026-11-22\n`,
    );
    expect(text).toContain("vendor says it collects: videos  https://acme.example/faq, read on 2026-01-10\n");
  });

  test("makes no row of the ladder", () => {
    const text = render({ parties: [acme([says("photos", page)])] });
    expect(text).toContain("it was not seen to access personal data");
    expect(text).not.toMatch(/^ +photos/m);
  });
});

describe("who is behind third parties", () => {
  const owned = (id: string, vendorId: string, parent?: string) =>
    party(id, id.toUpperCase(), {
      vendor: {
        id: vendorId,
        name: `${vendorId} Inc.`,
        ...(parent === undefined ? {} : { parent: { id: parent, name: `${parent} Holdings` } }),
      },
    });
  const section = (parts: ResultParts) =>
    /\nWho is behind them.*\n((?: .*\n)*)/.exec(render(parts))?.[1] ?? "";

  test("a company with several SDKs, and one that owns another, each with what all of them access", () => {
    const parties = [
      owned("a", "tide"),
      owned("b", "tide"),
      owned("c", "reef", "ocean"),
      owned("d", "lone"),
      party("unrecognised:x.y", "x.y", { kind: "unrecognised" }),
    ];
    const accesses = [
      access("a", "contacts", API, CALLER),
      access("b", "photos", API, CALLER, { limits: [missingPermission("READ_PHOTOS")] }),
      access("c", "contacts", API, CALLER),
      access("d", "videos", API, CALLER),
    ];
    expect(section({ parties, accesses })).toBe(
      "  ocean Holdings\n    C\n    contacts\n  tide Inc.\n    A, B\n    contacts, photos (limited)\n",
    );
    expect(buildResult({ parties, accesses }).companies).toEqual([
      { id: "lone", name: "lone Inc.", parties: ["d"], dataTypes: ["videos"] },
      { id: "ocean", name: "ocean Holdings", parties: ["c"], dataTypes: ["contacts"] },
      { id: "tide", name: "tide Inc.", parties: ["a", "b"], dataTypes: ["contacts", "photos"] },
    ]);
  });

  test("no access is said to be unseen that was not looked for", () => {
    const parts = { parties: [owned("a", "tide"), owned("b", "tide")], depth: "permitted" } as const;
    expect(section(parts)).toBe("  tide Inc.\n    A, B\n");
    expect(render(parts)).toContain(
      "Who is behind them  what data their code refers to was not looked for\n",
    );
    expect(section({ parties: parts.parties })).toContain("no access seen");
  });

  test("nobody, where each SDK is its own company's", () => {
    expect(section({ parties: [owned("a", "tide"), owned("c", "reef")] })).toBe("");
  });

  test("the app's own SDK is no third party", () => {
    const own = { ...owned("b", "tide"), kind: "first-party" as const };
    expect(section({ parties: [owned("a", "tide"), own] })).toBe("");
  });
});

test("SDKs that are the app makers' own stand with the app's own code, where all is told", () => {
  const evidence = [{ kind: "class" as const, entry: "classes.dex", value: "Lcom/tide/Main;" }];
  const own = { why: "own-vendor" as const, confidence: "certain" as const, classes: 4, evidence };
  const ownSdks = [
    { ...own, id: "reef", kind: "sdk" as const, name: "Reef\x1b[2J" },
    { ...own, id: "tide", kind: "sdk" as const, name: "Tide", version: "2.1" },
  ];
  const parties = [party("first-party", "com.tide.app", { kind: "first-party", ownSdks })];
  expect(render({ parties }, "verbose")).toContain("    with its own SDKs: Reef\\x1b[2J, Tide 2.1\n");
  expect(render({ parties })).not.toContain("Tide");
});
