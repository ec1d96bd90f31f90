import { expect, test } from "vitest";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type Ids } from "../support/dex-builder.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import { auditAfterChange, prepareTinyRules } from "./audit-after-change.js";

test.each(["[Lcom/acme/Foo;", "[[Lcom/acme/Foo$In;"])(
  "a DEX file that names a class only as %s is gone through when a rule takes the class apart",
  async (array) => {
    const rules = (foo: string) =>
      prepareTinyRules({
        "vendors/acme.yaml": vendor("acme"),
        "vendors/foo.yaml": vendor("foo"),
        "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]),
        "foo.yaml": sdkRule("foo", [`class-prefix: ${foo}`]),
      });
    const calls = (owner: string) => (ids: Ids) => [0x0071, ids.method(owner, "m"), 0, 0x0e];
    // Foo calls a.b, that calls a.c, and that makes an array of Foo: a circle of Foo's owner.
    const renamed = buildDex([
      {
        classes: [
          { descriptor: "La/b;", methods: [{ name: "m", code: calls("La/c;") }] },
          {
            descriptor: "La/c;",
            methods: [{ name: "m", code: (ids) => [0x0012, 0x0023, ids.type(array), 0x0e] }],
          },
        ],
        refs: [{ owner: "Lx/y/Z;", method: { name: "q", parameters: [array] } }],
      },
    ]).bytes;
    const named = buildDex([
      {
        classes: ["Lcom/acme/Foo;", "Lcom/acme/Bar;"].map((descriptor) => ({
          descriptor,
          methods: [{ name: "m", code: calls("La/b;") }],
        })),
        refs: [{ owner: "La/b;", method: { name: "m" } }],
      },
    ]).bytes;
    const app = buildApp({ manifest: {}, dexFiles: [renamed, named] });
    const { walked, result } = await auditAfterChange(app, rules("Lcom/foo/"), rules("Lcom/acme/Foo;"));
    expect(walked).toEqual(["classes.dex", "classes2.dex"]);
    expect(result.parties.find(({ id }) => id === "foo")?.renamedClasses).toBe(2);
  },
);

test("two DEX files of the same bytes are gone through once when what they are asked for changes", async () => {
  const rules = (version: string) =>
    prepareTinyRules({
      "vendors/acme.yaml": vendor("acme"),
      "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"], `version: [{ string: "${version}" }]\n`),
    });
  const dex = buildDex([{ classes: [{ descriptor: "Lcom/acme/A;" }], strings: ["acme-2.1"] }]).bytes;
  const app = buildApp({ manifest: {}, dexFiles: [dex, dex] });
  const { walked, result } = await auditAfterChange(app, rules("Acme SDK/*"), rules("acme-*"));
  expect(walked).toEqual(["classes.dex"]);
  expect(result.parties.find(({ id }) => id === "acme")?.version).toBe("2.1");
});
