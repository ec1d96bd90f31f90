import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { policySchema } from "../../src/policy/policy-schema.js";
import { parseYaml } from "../../src/ruleset/yaml-file.js";
import { formMistakes, schemaMistakes, sound } from "../policy/policy-mistakes.js";

const dist = new URL("../../dist/", import.meta.url);
const { isSoundPolicy } = (await import(new URL("policy-validator.js", dist).href)) as {
  isSoundPolicy: (value: unknown) => boolean;
};
const schema = JSON.parse(readFileSync(new URL("schema/policy.schema.json", dist), "utf8"));
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

/** Forms that no YAML of a test has. */
const odd = [undefined, null, 1, "", [], { "policy-version": 1, rules: [null] }, { "policy-version": 1.5 }];

describe("the compiled validator, the schema that ships and zod say the same", () => {
  test.each([...sound, ...formMistakes].map(([what, text]) => [what, text]))(
    "of what has the form: %s",
    (_, text) => {
      const { value } = parseYaml(text!, "p.yaml");
      expect(policySchema.safeParse(value).success, "zod").toBe(true);
      expect(isSoundPolicy(value), "validator").toBe(true);
      expect(validate(value), "schema").toBe(true);
    },
  );

  test.each(schemaMistakes)("of a mistake: %s", (_, text) => {
    const { value } = parseYaml(text, "p.yaml");
    expect(policySchema.safeParse(value).success, "zod").toBe(false);
    expect(isSoundPolicy(value), "validator").toBe(false);
    expect(validate(value), "schema").toBe(false);
  });

  test.each(odd)("of %j", (value) => {
    expect([policySchema.safeParse(value).success, isSoundPolicy(value), validate(value)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
