import { describe, expect, test } from "vitest";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type DexSpec, type Ids } from "../support/dex-builder.js";
import { apiRule, dataTypes, sdkRule, vendor } from "../support/tiny-rules.js";
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

test("of a text in another script, the DEX files whose code loads it are gone through", async () => {
  const text = "Привет, СДК";
  const rules = (string: string) =>
    prepareTinyRules({
      "vendors/acme.yaml": vendor("acme"),
      "acme.yaml": sdkRule("acme", [`string: "${string}"`, "class-prefix: Lcom/acme/"]),
    });
  const dexFiles = [text, "another text"].map((loaded, index) => {
    const code = (ids: Ids) => [0x001a, ids.string(loaded), 0x0e];
    const descriptor = `Lx/y/A${index};`;
    return buildDex([{ classes: [{ descriptor, methods: [{ name: "m", code }] }], strings: [loaded] }]).bytes;
  });
  const app = buildApp({ manifest: {}, dexFiles });
  const { walked, result } = await auditAfterChange(app, rules("nobody has it"), rules(text));
  expect(walked).toEqual(["classes.dex"]);
  expect(result.parties.map(({ id }) => id)).toContain("acme");
});

describe("the limit of overloads that are compared is reached as without facts", () => {
  const base = "Lvendor/sdk/Base;";
  const rules = (...methods: readonly string[]) =>
    prepareTinyRules({
      "data-types.yaml": dataTypes("ids"),
      "ids.yaml": apiRule("ids", "ids", methods.map((method) => `  - method: ${base}->${method}`).join("\n")),
    });
  const long = [0, 1].map((index) => `Lq/${"x".repeat(250)}${index};`);
  /** A subclass that defines many overloads of a method, whose descriptors are long. */
  const buildOverloads = (name: string, count: number) =>
    buildDex([
      {
        classes: [
          {
            descriptor: `Lapp/x/${name};`,
            superclass: base,
            methods: Array.from({ length: count }, (_, number) => ({
              name,
              parameters: Array.from(
                { length: 250 },
                (_, index) => long[index < 9 ? (number >> index) & 1 : 0]!,
              ),
            })),
          },
        ],
      },
    ]).bytes;
  const calls = (name: string): DexSpec => ({
    classes: [
      {
        descriptor: `Lapp/Main${name};`,
        methods: [{ name: "go", code: (ids) => [0x0071, ids.method(`Lapp/x/${name};`, name), 0, 0x0e] }],
      },
    ],
    refs: [{ owner: `Lapp/x/${name};`, method: { name, parameters: ["Lzz/T;"] } }],
  });

  test("where a rule newly asks for their name", async () => {
    const app = buildApp({
      manifest: {},
      dexFiles: [buildDex([calls("n")]).bytes, buildOverloads("n", 300)],
    });
    const { result } = await auditAfterChange(app, rules("other()V"), rules("other()V", "n(Lzz/T;)V"));
    expect(result.coverage.unread).toEqual(["classes2.dex"]);
  });

  test("where a file without facts has the most of them", async () => {
    const unsound = buildOverloads("m", 200);
    new DataView(unsound.buffer).setUint32(0x20, unsound.length - 4, true);
    const dexFiles = [calls("m"), calls("n")].map((spec) => buildDex([spec]).bytes);
    const app = buildApp({ manifest: {}, dexFiles: [...dexFiles, unsound, buildOverloads("n", 100)] });
    const asked = rules("m(Lzz/T;)V", "n(Lzz/T;)V");
    const { result, walked } = await auditAfterChange(app, asked, asked);
    expect(result.coverage.unread).toEqual(["classes4.dex"]);
    expect(walked).toEqual(["classes3.dex", "classes.dex", "classes2.dex", "classes4.dex"]);
  });
});
