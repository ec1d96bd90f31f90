import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/diagnostics/index.js";
import { joinPolicies, parsePolicy } from "../../src/policy/parse-policy.js";
import type { KnownNames } from "../../src/policy/policy.js";
import { formMistakes, schemaMistakes, sound, withRule, yamlMistakes } from "./policy-mistakes.js";

const parse = (text: string, path = "p.yaml") => parsePolicy(text, path, () => false);

/** What these tests' rules know. */
const names: KnownNames = {
  has: (kind, name) =>
    ({
      sdk: ["adjust", "androidx"],
      vendor: ["applovin"],
      "data-type": ["contacts", "precise-location"],
      "kind of data": ["imei-meid"],
      permission: ["android.permission.READ_CONTACTS", "READ_CONTACTS"],
      switch: ["com.adjust.OFF"],
    })[kind].includes(name),
  suggest: (kind) => (kind === "permission" ? ["android.permission.READ_CONTACTS"] : ["adjust", "androidx"]),
};

const join = async (...texts: readonly string[]) =>
  joinPolicies(await Promise.all(texts.map((text, index) => parse(text, `${index}.yaml`))), names);

describe("a mistake is told with file, line, column, and what to do", () => {
  test.each([...schemaMistakes, ...yamlMistakes, ...formMistakes])("%s", async (_, text, complaint) => {
    const error = await parse(text).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UsageError);
    const { message, fix } = error as UsageError;
    expect(message).toMatch(complaint);
    expect(message).toMatch(/^p\.yaml:\d+:\d+: \S/);
    expect(fix).toMatch(/\.$/);
  });

  test.each([
    [
      "sdk: adjsut",
      /^0\.yaml:3:27: sdk: the rules know no sdk `adjsut`\n {2}Did you mean adjust, androidx\?$/,
    ],
    ["sdk: [adjust, adjsut]", /^0\.yaml:3:36: sdk: the rules know no sdk `adjsut`/],
    ["vendor: apploving", /the rules know no vendor `apploving`/],
    ["company: apploving", /company: the rules know no vendor `apploving`/],
    ["data-type: contact", /the rules know no data-type `contact`/],
    ["permission: READ_CONTACT", /the rules know no permission `READ_CONTACT`/],
    ["permission: android.permission.READ_CONTACT", /Did you mean android\.permission\.READ_CONTACTS\?/],
  ])("a name that the rules do not know: %s", async (selector, complaint) => {
    for (const rule of [`deny: { ${selector} }`, `deny: { finding: data-access }, unless: { ${selector} }`])
      await expect(join(withRule(`{ id: a, ${rule} }`))).rejects.toThrow(
        rule.startsWith("deny: { f") ? "know no" : complaint,
      );
  });

  test("a switch that no vendor documents would always be off", async () => {
    const rule = (name: string) => withRule(`{ id: a, require: { sdk: adjust, switched-off: ${name} } }`);
    await expect(join(rule("com.adjust.OF"))).rejects.toThrow(
      /switched-off: the rules know no switch `com\.adjust\.OF`/,
    );
    expect((await join(rule("any"))).rules).toHaveLength(1);
    expect((await join(rule("com.adjust.OFF"))).rules).toHaveLength(1);
  });

  test.each([
    "sdk: 'unrecognised:com.acme'",
    "permission: com.acme.permission.C2D_MESSAGE",
    "permission: android.permission.OF_ANOTHER_ANDROID",
    "permission: READ_CONTACTS",
  ])("what only an app or an Android to come has is let through: %s", async (selector) => {
    expect((await join(withRule(`{ id: a, deny: { ${selector} } }`))).rules).toHaveLength(1);
  });
});

describe("what is right", () => {
  test.each(sound)("%s", async (_, text) => {
    await expect(parse(text)).resolves.toBeDefined();
  });
});

describe("policies that build on one another", () => {
  const base = withRule("{ id: a, deny: { sdk: adjust } }\n  - { id: b, deny: { sdk: androidx } }");

  test("a later rule replaces one of its id, in its place; another is put behind", async () => {
    const { rules } = await join(
      base,
      withRule("{ id: c, require: { sdk: adjust } }\n  - { id: a, deny: { vendor: applovin } }"),
    );
    expect(rules.map(({ id, deny, place }) => [id, deny, place])).toEqual([
      ["a", { vendor: "applovin" }, { file: "1.yaml", line: 4 }],
      ["b", { sdk: "androidx" }, { file: "0.yaml", line: 4 }],
      ["c", undefined, { file: "1.yaml", line: 3 }],
    ]);
  });

  test("a rule is disabled before it is written anew", async () => {
    expect((await join(base, "policy-version: 1\ndisable: [a]")).rules.map(({ id }) => id)).toEqual(["b"]);
    const anew = "policy-version: 1\ndisable: [a]\nrules:\n  - { id: a, deny: { vendor: applovin } }";
    expect((await join(base, anew)).rules.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  test("one's own rule cannot be disabled, nor one that is not there", async () => {
    const own = "policy-version: 1\ndisable: [c]\nrules:\n  - { id: c, deny: { sdk: adjust } }";
    await expect(join(base, own)).rejects.toThrow(
      /^1\.yaml:2:11: there is no rule `c` in this policy\n {2}Its rules are a, b\.$/,
    );
    await expect(join("policy-version: 1\ndisable: [c]")).rejects.toThrow(/It has no rules\.$/);
  });

  const exception = (rule: string, more = "") =>
    `policy-version: 1\nexceptions:\n  - { rule: ${rule}, because: It was looked at, owner: us${more} }`;

  test("an exception is from any file's rule, or from the Data safety form", async () => {
    const { exceptions } = await join(base, exception("b", ", for: { sdk: adjust }"));
    expect(exceptions).toMatchObject([{ rule: "b", place: { file: "1.yaml", line: 3 } }]);
    expect((await join(exception("data-safety"))).exceptions).toHaveLength(1);
  });

  test.each([
    ["c", "", /^1\.yaml:3:13: there is no rule `c` in this policy\n {2}Its rules are a, b\.$/],
    ["lockfile", "", /^1\.yaml:3:13: .*not excepted but agreed to\n {2}Use `bycatch check --update`\.$/],
    ["reading", "", /there is no rule `reading`/],
    ["a", ", for: { sdk: adjsut }", /^1\.yaml:3:\d+: sdk: the rules know no sdk `adjsut`/],
  ])("an exception from %s%s is refused", async (rule, more, complaint) => {
    await expect(join(base, exception(rule, more))).rejects.toThrow(complaint);
  });
});
