import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadPolicy } from "../../src/policy/load-policy.js";
import { parsePolicy } from "../../src/policy/parse-policy.js";
import { apiRule, dataTypes, indexTinyRules, permissions, sdkRule, vendor } from "../support/tiny-rules.js";

const index = indexTinyRules({
  "vendors/acme.yaml": vendor("acme"),
  "sdks/analytics/acme.yaml": sdkRule(
    "acme",
    ["class-prefix: Lcom/acme/sdk/"],
    "switches: [{ meta-data: com.acme.OFF, off: 'true', effect: Nothing is recorded. }]\n",
  ),
  "data-types.yaml": dataTypes("contacts"),
  "permissions.yaml": permissions("android.permission.READ_CONTACTS dangerous contacts"),
  "apis/contacts.yaml": apiRule("contacts", "contacts", "  - content-uri: content://com.android.contacts"),
});

/** Files of a user, by path, beside one policy that ships: `strict`. */
async function load(files: Readonly<Record<string, string>>, path = "p.yaml") {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-policy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const strict = await parsePolicy(policy("[]", ["strict"]), "rules/policies/strict.yaml", () => false);
  writeFileSync(join(folder, "policies.json"), JSON.stringify({ strict: strict.value }));
  writeFileSync(join(folder, "validator.mjs"), "export const isSoundPolicy = () => false;");
  const urlOf = (name: string) => pathToFileURL(join(folder, name));
  const found = await loadPolicy(join(folder, path), {
    policies: urlOf("policies.json"),
    policyValidator: urlOf("validator.mjs"),
  }).catch((error: Error) => {
    throw new Error(error.message.replaceAll(`${folder}/`, ""));
  });
  return { folder, ids: found.join(index).rules.map(({ id }) => id), ...found };
}

function policy(bases: string, ids: readonly string[]): string {
  const rules = ids.map((id) => `  - { id: ${id}, deny: { sdk: acme } }\n`).join("");
  return `policy-version: 1\nextends: ${bases}\nrules:\n${rules}`;
}

describe("what a policy builds on", () => {
  test("comes first, once, however often it is named: files from where the naming one is, those that ship by name", async () => {
    const {
      ids,
      paths,
      folder,
      join: joined,
    } = await load({
      "p.yaml": policy("[strict, ./team/a.yaml, team/b.yaml]", ["mine"]),
      "team/a.yaml": policy("[base.yaml]", ["a"]),
      "team/b.yaml": policy("[../team/base.yaml, strict]", ["b"]),
      "team/base.yaml": policy("[]", ["base"]),
    });
    expect(ids).toEqual(["strict", "base", "a", "b", "mine"]);
    // What ships is no file of the user's: what it asks is asked where it is built on.
    expect(joined(index).rules[0]!.place).toEqual({ file: join(folder, "p.yaml"), line: 2 });
    expect(paths).toEqual(
      ["team/base.yaml", "team/a.yaml", "team/b.yaml", "p.yaml"].map((name) => join(folder, name)),
    );
  });

  test("by an absolute path", async () => {
    const { folder } = await load({ "p.yaml": policy("[]", ["far"]) });
    expect((await load({ "p.yaml": policy(`[${folder}/p.yaml]`, ["near"]) })).ids).toEqual(["far", "near"]);
  });

  test("a file of the name of one that ships is not it", async () => {
    expect((await load({ strict: policy("[strict]", ["mine"]) }, "strict")).ids).toEqual(["strict", "mine"]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["itself", { "p.yaml": policy("[p.yaml]", ["a"]) }, /^p\.yaml:2:11: p\.yaml builds on this policy\n/],
    [
      "itself, written otherwise",
      { "p.yaml": policy("[./x/../p.yaml]", ["a"]) },
      /^p\.yaml:2:11: .* builds on this policy/,
    ],
    [
      "what builds on it",
      {
        "p.yaml": policy("[a.yaml]", ["a"]),
        "a.yaml": policy("[b.yaml]", ["b"]),
        "b.yaml": policy("[a.yaml]", ["c"]),
      },
      /^b\.yaml:2:11: a\.yaml builds on this policy/,
    ],
    [
      "a file that is not there",
      { "p.yaml": policy("[./none.yaml]", ["a"]) },
      /^p\.yaml:2:11: there is no file none\.yaml\n {2}A path is read/,
    ],
    ["a folder", { "p.yaml": policy("[./d]", ["a"]), "d/x": "" }, /^p\.yaml:2:11: there is no file d\n/],
    [
      "one that does not ship",
      { "p.yaml": policy("[strict, kids]", ["a"]) },
      /^p\.yaml:2:19: no policy `kids` ships\n {2}There are strict\./,
    ],
    ["a name of JavaScript's", { "p.yaml": policy("[constructor]", ["a"]) }, /no policy `constructor` ships/],
    [
      "one with a mistake",
      { "p.yaml": policy("[a.yaml]", ["a"]), "a.yaml": "policy-version: 2" },
      /^a\.yaml:1:17: policy-version/,
    ],
    [
      "too many, one behind the other",
      Object.fromEntries(
        Array.from({ length: 13 }, (_, n) => [
          n === 0 ? "p.yaml" : `${n}.yaml`,
          policy(`[./${n + 1}.yaml]`, ["a"]),
        ]),
      ),
      /^10\.yaml:2:11: more than 10 policies build on one another/,
    ],
  ])("%s is refused", async (_, files, complaint) => {
    await expect(load(files)).rejects.toThrow(complaint);
  });

  test.skipIf(process.platform === "win32")("a link to itself ends, too", async () => {
    const { folder } = await load({ "p.yaml": policy("[]", ["a"]) });
    symlinkSync(".", join(folder, "d"));
    writeFileSync(join(folder, "q.yaml"), policy("[./d/q.yaml]", ["a"]));
    await expect(
      loadPolicy(join(folder, "q.yaml"), {
        policies: pathToFileURL(join(folder, "policies.json")),
        policyValidator: pathToFileURL(join(folder, "validator.mjs")),
      }),
    ).rejects.toThrow(/build/);
  });
});

test.each([
  ["deny: { sdk: acm }", /sdk: the rules know no sdk `acm`\n {2}Did you mean acme\?/],
  ["deny: { vendor: acmee }", /Did you mean acme\?/],
  ["deny: { data-type: contact }", /Did you mean contacts\?/],
  ["deny: { permission: READ_CONTACT }", /Did you mean android\.permission\.READ_CONTACTS\?/],
  [
    "deny: { permission: android.permission.READ_CONTACT }",
    /Did you mean android\.permission\.READ_CONTACTS\?/,
  ],
  ["deny: { data-type: feelings }", /rules\/data-types\.yaml lists them/],
  ["deny: { permission: FLY }", /Write the permission in full/],
  ["require: { switched-off: com.acme.OF }", /Did you mean com\.acme\.OFF\?/],
])("the names of the rules: %s", async (rule, complaint) => {
  const files = { "p.yaml": `policy-version: 1\nrules:\n  - { id: a, ${rule} }\n` };
  await expect(load(files)).rejects.toThrow(complaint);
});

test("a file larger than any policy is not read", async () => {
  const start = performance.now();
  const text = `policy-version: 1\nrules:\n  - { id: ${"a-".repeat(7_500_000)}a, deny: { sdk: acme } }\n`;
  await expect(load({ "p.yaml": text })).rejects.toThrow(
    /^p\.yaml: is larger than 1 MB, which no such file is$/,
  );
  await expect(load({ "p.yaml": policy("[./base.yaml]", ["a"]), "base.yaml": text })).rejects.toThrow(
    /^base\.yaml: is larger/,
  );
  expect(performance.now() - start).toBeLessThan(5_000);
});
