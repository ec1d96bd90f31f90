import { readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { type ComparedBuild, compareBuilds, type Difference } from "../../src/policy/index.js";
import { differenceJsonSchema, differenceSchema } from "../../src/report/difference-schema.js";
import { displayWidth } from "../../src/report/display-width.js";
import { renderDifference, renderDifferenceJson } from "../../src/report/render-difference.js";
import { renderDifferenceMarkdown } from "../../src/report/render-difference-markdown.js";
import { access, buildResult, givenTo, party, permission } from "../support/result-builder.js";
import {
  apkOf,
  byLockfiles,
  doubtful,
  flowsInDoubt,
  handedOver,
  lockOf,
  newFlows,
  nextRelease,
  nothing,
} from "./example-differences.js";

const examples = { nextRelease, doubtful, newFlows, flowsInDoubt, byLockfiles, handedOver, nothing };
const all = Object.entries(examples).map(([name, example]) => [name, example()] as const);

const render = (difference: Difference, width = 80) => renderDifference(difference, { color: false, width });

function expectGolden(name: string, text: string): void {
  const path = new URL(name, import.meta.url);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}

describe("the whole page", () => {
  test.each([
    ["next-release", nextRelease],
    ["doubtful", doubtful],
    ["new-flows", newFlows],
    ["flows-in-doubt", flowsInDoubt],
  ] as const)("%s", (name, example) => {
    expectGolden(`difference-${name}-80.golden.txt`, render(example()));
    expectGolden(`difference-${name}-140.golden.txt`, render(example(), 140));
    expectGolden(`difference-${name}.golden.md`, renderDifferenceMarkdown(example()));
  });

  test("of what third parties are handed over, against a lockfile", () => {
    const page = render(handedOver());
    expect(page).toContain("+ handed over               user-ids\n      Main.onCreate -> Api.get\n");
    expect(page).toContain("- handed over               contacts\n");
    const markdown = renderDifferenceMarkdown(handedOver());
    expect(markdown).toContain("  - newly handed over: user-ids, `Main.onCreate -> Api.get`\n");
    expect(markdown).toContain("  - no longer handed over: contacts\n");
  });

  test("of what a third party was handed over that left", () => {
    const build = {
      depth: "flows",
      parties: [party("gull", "Gull")],
      findings: [givenTo("gull", "user-ids")],
    } as const;
    const sides = [lockOf(buildResult(build)), apkOf(buildResult({ depth: "flows" }))] as const;
    const gone = compareBuilds(...sides, { name: "bycatch", version: "0" });
    expect(render(gone)).toMatch(/^ +was handed over +user-ids$/m);
    expect(renderDifferenceMarkdown(gone)).toContain("  - was handed over `user-ids`");
  });

  test("of no difference", () => {
    expect(render(nothing())).toBe(
      "old  app.apk  package unknown\nnew  app.apk  package unknown\n\nNothing that rides along differs.\n",
    );
  });

  test.each(all)("%s: no line is longer than the page", (_, difference) => {
    for (const width of [40, 80, 110, 140]) {
      const lines = render(difference, width).split("\n");
      expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
      expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
    }
  });

  test.each(all)("%s: colour adds nothing but colour", (_, difference) => {
    const colored = renderDifference(difference, { color: true, width: 80 });
    expect(colored).toContain("\x1b");
    expect(colored.replace(/\x1b\[(?:1|2|22|3[1-3]|39)m/g, "")).toBe(render(difference));
  });

  test.each(all)("%s: an access is never called a collection", (_, difference) => {
    for (const page of [render(difference, 140), renderDifferenceMarkdown(difference)])
      expect(
        page.replaceAll(/Access is not collection|DeviceInfoCollector\.collect|self-collected/g, ""),
      ).not.toMatch(/collect/i);
  });

  test.each(all)("%s: left, lost and no longer are said only of what was read whole", (_, difference) => {
    const isSure = difference.after.unread.length === 0;
    const page = render(difference, 140);
    const ofParties = page.split("\nPermissions\n")[0]!;
    if (isSure) expect(page).not.toContain("not seen any more");
    else {
      expect(ofParties).toContain("not seen any more");
      expect(ofParties).not.toMatch(/\bleft[,;. ](?!that)|no longer|^ *- /m);
      expect(page).toContain("classes3.dex");
    }
  });
});

test("permissions that nobody is asked for are quiet about who else brings them; JSON is not", () => {
  const bringing = (name: string, id: string, protection: "normal" | "dangerous") =>
    permission(name, { protection, declaredBy: [{ party: id, confidence: "likely" }] });
  const build = (id: string): ComparedBuild =>
    apkOf(
      buildResult({ permissions: [bringing("INTERNET", id, "normal"), bringing("CAMERA", id, "dangerous")] }),
    );
  const difference = compareBuilds(build("first-party"), build("ads"), { name: "bycatch", version: "0" });
  for (const page of [render(difference), renderDifferenceMarkdown(difference)]) {
    expect(page).toContain("1 permission changed.");
    expect(page).toContain("now by ads, was by the app itself");
    expect(page).toContain("CAMERA");
    expect(page).not.toContain("INTERNET");
  }
  expect(renderDifferenceJson(difference)).toContain("INTERNET");
});

test("what came with a party that is new is as new; what went is still in doubt", () => {
  // A lockfile that somebody edited: an access of a party, and not the party.
  const read = (id: string) => access("ads", id, "Lapi;->get()V", "Lads;->a()V");
  const before = apkOf(buildResult({ accesses: [read("contacts")], parties: [party("ads", "Ads")] }));
  const entries = before.inventory.entries.filter(({ kind }) => kind === "data-access");
  const after = buildResult({ accesses: [read("photos")], parties: [party("ads", "Ads")] });
  const cut = { ...after, coverage: { ...after.coverage, unread: ["classes2.dex"] } };
  const edited = { ...before, inventory: { ...before.inventory, entries } };
  const page = render(compareBuilds(edited, apkOf(cut), { name: "bycatch", version: "0" }));
  expect(page).toMatch(/^\+ Ads\n {2}\+ photos +referenced\n/m);
  expect(page).toMatch(/^ {2}\? contacts +not seen any more$/m);
});

describe("very much", () => {
  const many = (number: number, hosts: number) =>
    buildResult({
      parties: Array.from({ length: number }, (_, index) => party(`p${index}`, `Party ${index}`)),
      hosts: Array.from({ length: hosts }, (_, index) => ({
        party: `p${index % number}`,
        host: `h${index}.example`,
        sites: 1,
        urls: [],
        evidence: [],
      })),
    });
  const compareMany = (number: number, hosts: number) =>
    compareBuilds(apkOf(buildResult()), apkOf(many(number, hosts)), { name: "bycatch", version: "0" });

  test("is cut, and counted", () => {
    const difference = compareMany(3_000, 60_000);
    const page = render(difference);
    expect(page).toContain("and 2900 more parties (JSON has all)");
    expect(page).toMatch(/h0\.example, .* \+8\n/s);
    const markdown = renderDifferenceMarkdown(difference);
    expect(markdown.length).toBeLessThan(65_536);
    const [, left] = /^\*\*(\d+) more lines were left out\*\*/m.exec(markdown)!;
    expect(markdown.match(/^- \*\*Party/gm)!.length + Number(left)).toBe(3_000);
  });

  test("costs time in proportion", () => {
    const started = process.cpuUsage();
    compareMany(1_000, 20_000);
    const { user, system } = process.cpuUsage(started);
    // Microseconds; with the square of what there is it would take hours.
    expect(user + system).toBeLessThan(20_000_000);
  });
});

describe("hostile text", () => {
  const hostile =
    "\x1b[2J\x1b]0;gone\x07\u202e\u200b\r\n# @someone #1 http://evil.example www.evil.example a@b.example <img src=x> [a](b) `x` **b** | ~~s~~ &amp;";
  /** Words of ours, by which the page decides. */
  const ours = new Set(["kind", "effect", "mayBeIn", "rung", "protection", "leaves", "depth"]);
  function poison(value: unknown, key = ""): unknown {
    if (typeof value === "string") return ours.has(key) ? value : value + hostile;
    if (Array.isArray(value)) return value.map((item) => poison(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, name)]));
  }

  test.each(all)("%s: nothing that a terminal obeys gets through, in any form", (_, difference) => {
    const poisoned = poison(difference) as Difference;
    for (const page of [
      render(poisoned, 40),
      render(poisoned, 140),
      renderDifferenceMarkdown(poisoned),
      renderDifferenceJson(poisoned),
    ])
      expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(renderDifferenceJson(poisoned))).toEqual(JSON.parse(JSON.stringify(poisoned)));
  });

  test.each(all)("%s: and nothing that Markdown obeys", (_, difference) => {
    const page = renderDifferenceMarkdown(poison(difference) as Difference);
    // What is code is not obeyed.
    const rest = page
      .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "")
      .replaceAll("> [!WARNING]", "> WARNING")
      .replaceAll(/<!-- bycatch diff -->|<\/?sub>|^#{2,3} /gm, "");
    expect(rest).not.toMatch(/[<`[\]|~&@#]|:\/\/|www\./);
    // Every line is one of ours.
    const lines = rest.split("\n").filter((line) => line !== "");
    const isOurs = /^(?:> |- | {2}- | {4}- limited|[A-Z\d]| +→ |; ;)/;
    expect(lines.filter((line) => !isOurs.test(line))).toEqual([]);
  });

  test("a name of a million characters does not fill the screen", () => {
    const long = "x".repeat(1_000_000);
    const difference = nextRelease();
    const [first, ...rest] = difference.parties;
    const longer = { ...difference, parties: [{ ...first!, name: long, category: long }, ...rest] };
    expect(render(longer).length).toBeLessThan(10_000);
    expect(renderDifferenceMarkdown(longer).length).toBeLessThan(10_000);
  });
});

describe("JSON", () => {
  const validate = new Ajv2020({ strict: false }).compile(differenceJsonSchema() as object);
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

  test.each(all)("%s: gives back what went in, and fits the schema", (_, difference) => {
    const read = JSON.parse(renderDifferenceJson(difference));
    expect(read).toEqual(plain(difference));
    expect(differenceSchema.parse(read)).toEqual(read);
    expect(validate(read), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each<[string, (difference: ReturnType<typeof plain>) => void]>([
    ["a key that is not known", (one) => Object.assign(one, { extra: 1 })],
    ["a part that is missing", (one) => delete one.permissions],
    ["a change of no kind", (one) => delete one.parties[0].changes[0].kind],
    ["a change of another kind", (one) => Object.assign(one.parties[0].changes[0], { kind: "collected" })],
    ["an effect that is none", (one) => Object.assign(one.permissions[0], { effect: "worse" })],
    ["a source that is none", (one) => Object.assign(one.before.source, { kind: "rumour" })],
    ["a share above all", (one) => Object.assign(one.after, { attributedShare: 1.5 })],
  ])("the schema refuses %s", (_, spoil) => {
    const spoilt = plain(nextRelease());
    spoil(spoilt);
    expect(differenceSchema.safeParse(spoilt).success, "zod").toBe(false);
    expect(validate(spoilt), "JSON Schema").toBe(false);
  });

  test("there is one change of every kind in the examples: what is judged here is all there is", () => {
    const kinds = new Set(
      all.flatMap(([, { parties, permissions }]) =>
        [...parties.flatMap(({ changes }) => changes), ...permissions].map(({ kind }) => kind),
      ),
    );
    // What reaches less far is as what reaches further; test/policy/compare-inventories has it.
    const missing = ["reaches-less-far"];
    const { parties, permissions } = differenceSchema.shape;
    const changes = parties.element.shape.changes.element.options.flatMap(({ shape }) =>
      "options" in shape.kind ? shape.kind.options : [...shape.kind.values],
    );
    expect([...kinds, ...missing].sort()).toEqual(
      [...changes, ...permissions.element.shape.kind.options].sort(),
    );
  });
});
