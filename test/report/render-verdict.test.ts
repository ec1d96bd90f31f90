import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import {
  applyExceptions,
  checkLockfile,
  evaluatePolicy,
  makeVerdict,
  takeInventory,
  type Verdict,
} from "../../src/policy/index.js";
import { displayWidth } from "../../src/report/display-width.js";
import { renderVerdict, renderVerdictJson } from "../../src/report/index.js";
import { verdictJsonSchema, verdictSchema } from "../../src/report/verdict-schema.js";
import { policyOf } from "../policy/written-policy.js";
import { hostileText, poison } from "../support/hostile-text.js";
import { call } from "../support/result-builder.js";
import { buildVerdict, check, problem } from "../support/verdict-builder.js";
import { incomplete, speedTest } from "./example-results.js";
import { failed, passed, undecided } from "./example-verdicts.js";
import { expectGolden } from "./expect-golden.js";

/** Made as a check makes it, not written: of each kind of rule one, an exception that counts and one that has ended. */
function real(): Verdict {
  const result = incomplete();
  const agreed = { because: "The contract says what it may do.", owner: "ads team" };
  const policy = policyOf(
    [
      {
        id: "no-identifiers",
        title: "No third party could access identifiers of the device",
        deny: { "data-type": "device-or-other-ids" },
        because: "They tell a user here from all others, for years.",
      },
      { id: "no-package-lists", deny: { "data-type": "installed-apps" }, severity: "warning" },
      {
        id: "no-advertising",
        title: "No SDK for ads is in the build",
        deny: { category: ["advertising", "ad-mediation"] },
        because: "We are paid for.",
        fix: "Remove the dependency.",
      },
      { id: "contacts-are-ours", deny: { permission: "READ_CONTACTS", party: "third-party" } },
      { id: "switches", require: { "switched-off": "any" }, title: "What can be switched off is" },
      { id: "no-sms", deny: { "data-type": "sms-or-mms" }, title: "Nobody could access messages" },
    ],
    [
      { rule: "no-advertising", for: { sdk: "harbor-ads" }, ...agreed, until: "2026-12-31" },
      { rule: "no-package-lists", for: { sdk: "harbor-ads" }, ...agreed, until: "2026-01-31" },
    ],
  );
  const { entries, ...before } = takeInventory(speedTest());
  const lock = {
    ...before,
    entries: entries
      .filter((entry) => !(entry.kind === "third-party" && entry.party === "gull-push"))
      .map((entry) =>
        entry.kind === "third-party" && entry.party === "mast" ? { ...entry, version: "1.3" } : entry,
      ),
  };
  const checks = [...evaluatePolicy(policy, result), checkLockfile(lock, "bycatch.lock", result)];
  return makeVerdict(result, applyExceptions(checks, policy, result, { today: "2026-06-30" }), false);
}

const render = (verdict: Verdict, width = 80, isVerbose = false) =>
  renderVerdict(verdict, { color: false, width, isVerbose });

describe("the page", () => {
  test.each([60, 80, 140])("a build of which much is not as it should be, at %i columns", (width) => {
    expectGolden(`verdict-${width}.golden.txt`, render(real(), width));
  });

  test("with all that is told", () => {
    expectGolden("verdict-verbose.golden.txt", render(real(), 80, true));
  });

  test("a build that passes is two lines", () => {
    expect(render(buildVerdict([check("no-ads"), check("no-sms")]))).toBe(`app.apk  com.example.app 1.0 (1)
PASS  2 checks passed
`);
  });

  test("a build of which a part was not read: what is not decided, and what lets it pass", () => {
    const text = render(undecided());
    expect(text).toContain("INCOMPLETE  no check failed, but not everything was seen");
    expect(text).toContain(
      "  classes3.dex@0x1f00 class_data_item: needs 4 bytes, but the file ends at\n    0x1f02\n  Not decided because of it: has-consent\n",
    );
    expect(text).toContain("--allow-incomplete lets what could not be read pass.\n");
    expect(render(undecided(true))).toMatch(/PASS {2}[\s\S]*Not read[\s\S]*classes3\.dex/);
    expect(render(undecided(true))).not.toContain("--allow-incomplete");
    expect(render(undecided(true))).toContain("PASS  2 of 3 checks passed, 1 not decided, 1 warning, 1 part");
  });

  test("many parts and checks are counted", () => {
    const unread = Array.from({ length: 9 }, (_, index) => `classes${index}.dex`);
    const checks = unread.map((_, index) => check(`rule-${index}`, [], { outcome: "unknown" }));
    const text = render({ ...buildVerdict(checks), outcome: "incomplete", unread });
    expect(text).toContain(
      "  classes4.dex\n  and 4 more\n  Not decided because of it: rule-0, rule-1, rule-2, rule-3, rule-4, 4 more\n",
    );
  });

  test.each([
    [
      "a failed lockfile",
      [
        check("lockfile", [problem("x", "y", { change: { after: "host a b.example" } })], {
          kind: "lockfile",
        }),
      ],
      "`bycatch check --update`",
    ],
    [
      "an access",
      [check("a", [problem("x", "y", { rung: "referenced" })])],
      "What code could access is no proof that data leaves the device.",
    ],
  ])("%s has its advice", (_, checks, advice) => {
    expect(render(buildVerdict(checks), 140)).toContain(advice);
    expect(render(buildVerdict([check("a", [problem("x", "y")])]), 140)).not.toContain(advice);
  });

  test("a place is shown where it says more than the message; all of them when asked", () => {
    const evidence = [
      { kind: "permission", entry: "AndroidManifest.xml", value: "a.permission.B" } as const,
      call("Landroid/Thing;->get()V", "Lcom/acme/Sdk;->start()V"),
      { kind: "class", entry: "classes2.dex", value: "Lcom/acme/Main;" } as const,
    ];
    const verdict = buildVerdict([
      check("a", [
        problem("a/x", "the app requests a.permission.B", { permission: "a.permission.B", evidence }),
      ]),
    ]);
    expect(render(verdict)).toContain(
      "- the app requests a.permission.B\n        Sdk.start -> Thing.get in classes.dex\n",
    );
    expect(render(verdict)).not.toMatch(/AndroidManifest|classes2/);
    expect(render(verdict, 80, true)).toContain(
      "Sdk.start -> Thing.get in classes.dex\n        com.acme.Main in classes2.dex\n",
    );
  });

  test("a fix that several problems share is told once", () => {
    const fix = "Remove the dependency.";
    const text = render(
      buildVerdict([check("a", [problem("a/x", "x", { fix }), problem("a/y", "y", { fix })])]),
    );
    expect(text.split(fix)).toHaveLength(2);
  });
});

const examples = { real, failed, undecided, passed };

describe.each(Object.entries(examples))("%s", (_, example) => {
  test("no line but a lockfile's own is longer than the page, nor ends in spaces", () => {
    for (const width of [40, 60, 80, 140]) {
      for (const isVerbose of [false, true]) {
        const lines = render(example(), width, isVerbose).split("\n");
        const long = lines.filter((line) => displayWidth(line) > width);
        expect(
          long.filter((line) => !/^ {6}[-+] (?:third-party|permission|data-access|host) /.test(line)),
        ).toEqual([]);
        expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
      }
    }
  });

  test("colour adds nothing but colour", () => {
    const colored = renderVerdict(example(), { color: true, width: 80, isVerbose: true });
    expect(colored).toContain("\x1b[");
    expect(colored.replaceAll(/\x1b\[(?:1|2|22|3[1-3]|39)m/g, "")).toBe(render(example(), 80, true));
  });

  test("an access is never called a collection", () => {
    // The name of a switch is its vendor's.
    expect(render(example(), 80, true).replaceAll("plankton_collection_enabled", "")).not.toMatch(/collect/i);
  });

  test("hostile text stays in its place", () => {
    for (const text of [hostileText, `\x1b]0;x\x07\u202e\r\n\x9b31m${"汉x".repeat(1_500)}`]) {
      const page = render(poison(example(), text), 80, true);
      expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(page).not.toMatch(/^## Heading|^::error|^%0A/m);
    }
  });

  test("its JSON is what it is, fits the schema, and is safe to print", () => {
    const json = renderVerdictJson(example());
    const plain = JSON.parse(json);
    expect(plain).toEqual(JSON.parse(JSON.stringify(example())));
    expect(verdictSchema.parse(plain)).toEqual(plain);
    expect(validate(plain), JSON.stringify(validate.errors)).toBe(true);
    const hostile = renderVerdictJson(poison(example()));
    expect(hostile.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(hostile)).toEqual(JSON.parse(JSON.stringify(poison(example()))));
  });
});

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const validate = ajv.compile(verdictJsonSchema() as object);

// biome-ignore lint/suspicious/noExplicitAny: what is spoilt has no type
test.each<[string, (verdict: any) => void]>([
  ["a key that is not known", (verdict) => Object.assign(verdict, { extra: 1 })],
  ["an outcome that is none", (verdict) => Object.assign(verdict, { outcome: "passed" })],
  ["a check without an outcome", ({ checks }) => delete checks[0].outcome],
  ["a problem of no weight", ({ checks }) => Object.assign(checks[0].problems[0], { severity: "fatal" })],
  ["a line 0", ({ checks }) => Object.assign(checks[0].place, { line: 0 })],
  [
    "an exception that nobody answers for",
    ({ checks }) => Object.assign(checks[0].problems[0], { exception: { because: "x" } }),
  ],
  [
    "a day that is none",
    ({ checks }) =>
      Object.assign(checks[0].problems[0], { exception: { because: "x", owner: "y", until: "soon" } }),
  ],
])("the schema refuses %s", (_, spoil) => {
  const verdict = JSON.parse(renderVerdictJson(real()));
  spoil(verdict);
  expect(verdictSchema.safeParse(verdict).success, "zod").toBe(false);
  expect(validate(verdict), "JSON Schema").toBe(false);
});
