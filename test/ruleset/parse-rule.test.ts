import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../src/diagnostics/index.js";
import { loadRuleset } from "../../src/ruleset/load-ruleset.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import {
  apiRule,
  compileTinyRules,
  dataTypes,
  permissions,
  sdkRule,
  supportLibraryRule,
  vendor,
} from "../support/tiny-rules.js";

function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
  throw new Error("nothing was thrown");
}

/** A sound SDK rule; each broken one below differs in one line. */
const SOUND = `id: acme
name: Acme
vendor: acme
category: analytics
site: https://acme.example/
signatures:
  - class-prefix: Lcom/acme/
sources:
  - { kind: artefact, where: acme 1.0 AAR, read-on: 2026-11-22 }
examples:
  present: [{ class: Lcom/acme/A; }]
  absent: [{ class: Lcom/acmes/A; }]
`;

describe("a rule file is refused with its place, what is wrong and what to do", () => {
  test.each<[string, [string, string], RegExp]>([
    [
      "text that is no YAML",
      ["name: Acme", 'name: "Acme'],
      /^r\.yaml:\d+:\d+: .+\n {2}Mend the YAML there\.$/,
    ],
    ["a key twice", ["name: Acme", "name: Acme\nname: Acme"], /^r\.yaml:3:1: Map keys must be unique/],
    [
      "an id that is not kebab-case",
      ["id: acme", "id: Acme_SDK"],
      /^r\.yaml:1:5: id: an id is kebab-case: lower-case letters and digits/,
    ],
    [
      "a category that there is not",
      ["category: analytics", "category: spying"],
      /^r\.yaml:4:11: category: .*"advertising"/,
    ],
    ["a site that is no URL", ["site: https://acme.example/", "site: acme.example"], /^r\.yaml:5:7: site: /],
    [
      "a prefix with dots",
      ["Lcom/acme/", "com.acme."],
      /^r\.yaml:7:19: signatures\.0\.class-prefix: a class prefix is in smali form and ends a whole segment/,
    ],
    [
      "a prefix that ends inside a segment",
      ["class-prefix: Lcom/acme/", "class-prefix: Lcom/acme"],
      /^r\.yaml:7:19: signatures\.0\.class-prefix: .*whole segment/,
    ],
    [
      "a kind of signature that there is not",
      ["class-prefix: Lcom/acme/", "klass-prefix: Lcom/acme/"],
      /^r\.yaml:7:5: signatures\.0: nothing that is allowed here has `klass-prefix`; there are class-prefix, component/,
    ],
    [
      "two kinds in one signature",
      ["class-prefix: Lcom/acme/", "class-prefix: Lcom/acme/\n    host: acme.io"],
      /^r\.yaml:7:5: signatures\.0: says several things at once/,
    ],
    [
      "a library with a folder",
      ["class-prefix: Lcom/acme/", "native-library: lib/x86/libacme.so"],
      /^r\.yaml:7:21: signatures\.0\.native-library: /,
    ],
    [
      "a library's name with a pattern",
      ["class-prefix: Lcom/acme/", "native-library: libacme*.so"],
      /^r\.yaml:7:21: signatures\.0\.native-library: .* as `file: lib\/\*\/libname\*\.so`/,
    ],
    [
      "a host with a scheme",
      ["class-prefix: Lcom/acme/", "host: https://acme.io"],
      /^r\.yaml:7:11: signatures\.0\.host: a host is a lower-case domain name/,
    ],
    [
      "a string that half the world has",
      ["class-prefix: Lcom/acme/", "string: acme"],
      /^r\.yaml:7:13: signatures\.0\.string: /,
    ],
    [
      "a day that is none",
      ["read-on: 2026-11-22", "read-on: 2026-02-30"],
      /^r\.yaml:9:53: sources\.0\.read-on: /,
    ],
    [
      "no example that must not match",
      ["  absent: [{ class: Lcom/acmes/A; }]\n", ""],
      /^r\.yaml:11:\d+: `examples\.absent` is missing/,
    ],
    [
      "an empty list",
      ["present: [{ class: Lcom/acme/A; }]", "present: []"],
      /^r\.yaml:11:12: examples\.present: /,
    ],
    [
      "a key that there is not",
      ["name: Acme", "name: Acme\nurl: https://acme.example/"],
      /^r\.yaml:1:1: Unrecognized key: "url"\n {2}Remove or correct `url`; rules\/README\.md lists the keys of a rule of kind sdk\.$/,
    ],
    ["an id that is a party's already", ["id: acme", "id: first-party"], /^r\.yaml:1:5: id: .*another id/],
    ["a misspelt key that tells the kind", ["signatures:", "signature:"], /^r\.yaml:\d+:\d+: .*signature/],
    ["a number where text is meant", ["name: Acme", "name: 7"], /^r\.yaml:2:7: name: .*string/],
  ])("%s", (_what, [sound, broken], expected) => {
    expect(SOUND).toContain(sound);
    expect(complaint(() => parseRuleFile(SOUND.replace(sound, broken), "r.yaml"))).toMatch(expected);
  });

  test.each<[string, string]>([
    ["nothing", ""],
    ["a list", "- a\n- b\n"],
    ["text", "just words"],
    ["other keys", "title: x\n"],
  ])("%s is no rule", (_what, text) => {
    expect(complaint(() => parseRuleFile(text, "r.yaml"))).toMatch(
      /^r\.yaml:1:1: this is no rule file: it has none of the keys/,
    );
  });

  test("aliases without end are refused", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(10)}]\nc: &c [${"*b,".repeat(10)}]\nid: [${"*c,".repeat(10)}]\nname: x\n`;
    expect(complaint(() => parseRuleFile(bomb, "r.yaml"))).toMatch(/^r\.yaml:2:8: .*alias/);
    expect(complaint(() => parseRuleFile("id: *nowhere\nname: x", "r.yaml"))).toMatch(
      /^r\.yaml:1:5: .*nowhere/,
    );
  });

  test("a sound file is read as what its keys say it is", () => {
    expect(parseRuleFile(SOUND, "r.yaml").kind).toBe("sdk");
    expect(parseRuleFile(supportLibraryRule("core", ["class-prefix: Lorg/core/"]), "r.yaml").kind).toBe(
      "support-library",
    );
    expect(parseRuleFile(vendor("acme"), "r.yaml").kind).toBe("vendor");
    expect(parseRuleFile(apiRule("some-ids", "ids", "  - field: La/B;->C:I"), "r.yaml").kind).toBe("api");
    expect(parseRuleFile(dataTypes("ids"), "r.yaml").kind).toBe("data-types");
    expect(parseRuleFile(permissions("a.B normal"), "r.yaml").kind).toBe("permissions");
  });
});

describe("an API is refused", () => {
  test.each<[string, string, RegExp]>([
    [
      "of two kinds",
      "  - { method: La/A;->b()V, field: La/B;->C:I }",
      /apis\.0: name exactly one of method, field, content-uri, override/,
    ],
    ["of none", "  - { since: 3 }", /apis\.0: name exactly one of method, field, content-uri, override/],
    ["with a dotted class", "  - method: a.A->b()V", /apis\.0\.method: a method is in smali form/],
    ["with half a wildcard", "  - method: La/A;->b(*)V", /apis\.0\.method: a method is in smali form/],
    ["as a field without its type", "  - field: La/B;->C", /apis\.0\.field: a field is in smali form/],
    ["as a URI of another scheme", '  - content-uri: "https://x"', /apis\.0\.content-uri: /],
    [
      "with an argument but no method",
      "  - { field: La/B;->C:I, argument: { index: 0, one-of: [x] } }",
      /apis\.0: argument goes with method/,
    ],
    [
      "with an argument before the first",
      "  - { method: La/A;->b()V, argument: { index: -1, one-of: [x] } }",
      /apis\.0\.argument\.index: /,
    ],
    [
      "with a permission that is no name",
      "  - { method: La/A;->b()V, needs: [{ any-of: [CAMERA] }] }",
      /apis\.0\.needs\.0\.any-of\.0: a permission is a dotted name/,
    ],
  ])("%s", (_what, api, expected) => {
    expect(complaint(() => parseRuleFile(apiRule("some-ids", "ids", api), "a.yaml"))).toMatch(expected);
  });
});

describe("rules that do not fit together are refused", () => {
  const acme = { "vendors/acme.yaml": vendor("acme"), "vendors/bolt.yaml": vendor("bolt") };
  const types = { "data-types.yaml": dataTypes("ids") };

  test.each<[string, Record<string, string>, string]>([
    [
      "an id twice, the SDK's and the library's too",
      {
        ...acme,
        "a.yaml": sdkRule("acme", ["class-prefix: La/"]),
        "b.yaml": supportLibraryRule("acme", ["class-prefix: Lb/"]),
      },
      "b.yaml: the id `acme` is taken by a.yaml\n  Give one of the two another id.",
    ],
    [
      "a vendor that there is not",
      { "a.yaml": sdkRule("acme", ["class-prefix: La/"]) },
      "a.yaml: there is no vendor `acme`\n  Write vendors/acme.yaml (id, name).",
    ],
    [
      "a prefix of two",
      {
        ...acme,
        "a.yaml": sdkRule("acme", ["class-prefix: La/b/"]),
        "b.yaml": sdkRule("bolt", ["class-prefix: La/b/"]),
      },
      "b.yaml: the class prefix `La/b/` is claimed by `acme` and by `bolt`\n  A class has one owner: keep the prefix in one rule, or use a longer one.",
    ],
    [
      "a data type that there is not",
      { ...types, "x.yaml": apiRule("some-ids", "idz", "  - field: La/B;->C:I") },
      "x.yaml: there is no data type `idz`\n  The data types are in rules/data-types.yaml.",
    ],
    [
      "one that a switch names",
      {
        ...types,
        ...acme,
        "a.yaml": sdkRule(
          "acme",
          ["class-prefix: La/"],
          'switches: [{ meta-data: m, off: "false", effect: Nothing is read., data-types: [idz] }]\n',
        ),
      },
      "a.yaml: there is no data type `idz`\n  The data types are in rules/data-types.yaml.",
    ],
    [
      "one that a permission opens",
      { ...types, "p.yaml": permissions("a.B normal idz") },
      "p.yaml: there is no data type `idz`\n  The data types are in rules/data-types.yaml.",
    ],
  ])("%s", (_what, files, expected) => {
    expect(complaint(() => compileTinyRules(files))).toBe(expected);
  });

  const getName = "  - method: La/A;->getName";
  test.each<[string, Record<string, string>, string]>([
    [
      "an API twice",
      { ...types, "x.yaml": apiRule("some-ids", "ids", `${getName}()V\n${getName}()V`) },
      "x.yaml: `La/A;->getName()V` is named twice\n  Remove one of the two.",
    ],
    [
      "a constant twice",
      {
        ...types,
        "x.yaml": apiRule(
          "some-ids",
          "ids",
          `${getName}(I)V\n    argument: { index: 0, one-of: [a, b] }\n${getName}(I)V\n    argument: { index: 0, one-of: [b] }`,
        ),
      },
      "x.yaml: `La/A;->getName(I)V` is named twice\n  Remove one of the two.",
    ],
    [
      "every overload, and one",
      {
        ...types,
        "x.yaml": apiRule("one-id", "ids", `${getName}(*)*`),
        "y.yaml": apiRule("two-ids", "ids", `${getName}()V`),
      },
      "y.yaml: `La/A;->getName` is asked for in every overload and in one, by `one-id` and `two-ids`\n  Write out the overloads that are meant.",
    ],
  ])("%s", (_what, files, expected) => {
    expect(complaint(() => compileTinyRules(files))).toBe(expected);
  });

  test("one method of two rules, and with different constants, is fine", () => {
    const argument = (text: string) => `${getName}(I)V\n    argument: { index: 0, one-of: [${text}] }`;
    const files = {
      ...types,
      "x.yaml": apiRule("one-id", "ids", `${argument("a")}\n${argument("b")}`),
      "y.yaml": apiRule("two-ids", "ids", argument("a")),
    };
    expect(compileTinyRules(files).apis).toHaveLength(2);
  });

  test("a prefix inside another is fine", () => {
    const files = {
      ...acme,
      "a.yaml": sdkRule("acme", ["class-prefix: La/b/"]),
      "b.yaml": sdkRule("bolt", ["class-prefix: La/b/c/"]),
    };
    expect(compileTinyRules(files).sdks).toHaveLength(2);
  });
});

describe("rules on top of others", () => {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-rules-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const base = compileTinyRules({
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]),
    "core.yaml": supportLibraryRule("core", ["class-prefix: Lorg/core/"]),
  });

  function load(name: string, files: Record<string, string>) {
    const directory = join(folder, name);
    mkdirSync(join(directory, "draft"), { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
    return loadRuleset([directory], base);
  }

  test("take the place of the rule with their id, and may name its vendors", () => {
    const { sdks, supportLibraries } = load("replace", {
      "mine.yml": sdkRule("acme", ["class-prefix: Lcom/acme/two/"]),
    });
    expect(sdks.map(({ id, signatures }) => [id, signatures])).toEqual([
      ["acme", [{ "class-prefix": "Lcom/acme/two/" }]],
    ]);
    expect(supportLibraries.map(({ id }) => id)).toEqual(["core"]);
  });

  test("in a folder named draft are left alone", () => {
    const { sdks } = load("drafts", {
      "draft/half.yaml": "id: [",
      "a.yaml": supportLibraryRule("other", ["class-prefix: Lorg/other/"]),
    });
    expect(sdks).toEqual(base.sdks);
  });

  test("give another version with another content, and the same with the same", () => {
    const text = supportLibraryRule("other", ["class-prefix: Lorg/other/"]);
    const versions = [load("v1", { "a.yaml": text }), load("v2", { "b.yaml": text })].map(
      ({ rulesVersion }) => rulesVersion,
    );
    expect(versions[0]).toMatch(/^[0-9a-f]{12}$/);
    expect(versions[0]).toBe(versions[1]);
    expect(versions[0]).not.toBe(base.rulesVersion);
  });

  test("say which file is wrong, where", () => {
    const message = complaint(() => load("wrong", { "bad.yaml": SOUND.replace("analytics", "spying") }));
    expect(message).toContain(`${join(folder, "wrong", "bad.yaml")}:4:11: category: `);
  });

  test("that are not there, or hold nothing, are the user's to mend", () => {
    const absent = join(folder, "absent");
    expect(complaint(() => loadRuleset([absent]))).toBe(`--rules: there is no file or directory ${absent}`);
    mkdirSync(absent);
    expect(complaint(() => loadRuleset([absent]))).toBe(`--rules: ${absent} holds no *.yaml file`);
  });
});
