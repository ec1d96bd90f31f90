import fc from "fast-check";
import { test } from "vitest";
import { FormatError } from "../../src/diagnostics/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type Ids } from "../support/dex-builder.js";
import { apiRule, dataTypes, handOverRule, sdkRule, vendor } from "../support/tiny-rules.js";
import { auditAfterChange, prepareTinyRules } from "./audit-after-change.js";

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;

const classes = [
  "Lcom/acme/A;",
  "Lcom/acme/A$In;",
  "Lcom/acme/B;",
  "La/a;",
  "La/b;",
  "La/b$c;",
  "Lorg/x/D;",
  "Lzz;",
];
const types = [...classes, ...classes.map((name) => `[${name}`), "Landroid/content/Context;"];
const names = ["foo", "bar", "getIt"];
/** Takes a String; the others nothing. */
const GIVEN = "say";
const parametersOf = (name: string) => (name === GIVEN ? { parameters: ["Ljava/lang/String;"] } : {});
const texts = ["com.acme.A", "getIt", "http://t.acme.com/x", "seed-acme-string", "acme/2.0.1", "СДК 1.0"];

const instruction = fc.oneof(
  fc.record({ text: fc.constantFrom(...texts) }),
  fc.record({ type: fc.constantFrom(...types) }),
  fc.record({ owner: fc.constantFrom(...types), name: fc.constantFrom(...names) }),
  fc.record({ owner: fc.constantFrom(...classes), given: fc.constantFrom(...texts, "") }),
);
const method = fc.record({
  name: fc.constantFrom(...names, GIVEN),
  code: fc.array(instruction, { maxLength: 5 }),
});
const definedClass = fc.record({
  descriptor: fc.constantFrom(...classes),
  superclass: fc.constantFrom("Ljava/lang/Object;", "Landroid/app/Activity;", ...classes),
  methods: fc.uniqueArray(method, { selector: ({ name }) => name, maxLength: 3 }),
});
const dexFile = fc.uniqueArray(definedClass, {
  selector: ({ descriptor }) => descriptor,
  minLength: 1,
  maxLength: 6,
});

function encode(code: readonly Of<typeof instruction>[], ids: Ids): number[] {
  const units = code.flatMap((one) => {
    if ("text" in one) return [0x001a, ids.string(one.text)];
    if ("type" in one) return [0x001c, ids.type(one.type)];
    if ("given" in one)
      return [
        ...(one.given === "" ? [] : [0x001a, ids.string(one.given)]),
        ...[0x1071, ids.method(one.owner, GIVEN), 0],
      ];
    return [0x0071, ids.method(one.owner, one.name), 0];
  });
  return [...units, 0x0e];
}

function build(dex: Of<typeof dexFile>): Uint8Array {
  const refs = types.flatMap((owner) =>
    [...names, GIVEN].map((name) => ({ owner, method: { name, ...parametersOf(name) } })),
  );
  const defined = dex.map(({ methods, ...rest }) => ({
    ...rest,
    methods: methods.map(({ name, code }) => ({
      name,
      ...parametersOf(name),
      code: (ids: Ids) => encode(code, ids),
    })),
  }));
  return buildDex([{ classes: defined, refs, strings: texts }]).bytes;
}

const api = fc
  .tuple(
    fc.constantFrom("method", "override"),
    fc.constantFrom(...types.filter((type) => !type.startsWith("["))),
    fc.constantFrom(...names),
  )
  .map(([kind, owner, name]) => `  - ${kind}: ${owner}->${name}()V`);
const signature = fc.oneof(
  fc
    .constantFrom("Lcom/acme/", "Lcom/acme/A;", "Lcom/acme/B;", "La/b;", "Lorg/x/")
    .map((prefix) => `class-prefix: ${prefix}`),
  fc.constantFrom(...texts.filter((text) => text.length > 5)).map((text) => `string: "${text}"`),
);
const handOver = fc
  .oneof(
    fc.constantFrom(...classes).map((owner) => `method: ${owner}->${GIVEN}(*)*`),
    fc.constantFrom(...names, GIVEN).map((name) => `name: ${name}`),
  )
  .map((call) => `  - { ${call}, gives: [{ index: 0, names: event, data-type: ids }] }`);
const parts = {
  handOvers: fc.uniqueArray(handOver, { minLength: 1, maxLength: 3 }),
  apis: fc.uniqueArray(api, { minLength: 1, maxLength: 4 }),
  signatures: fc.uniqueArray(signature, { minLength: 1, maxLength: 4 }),
  version: fc.constantFrom("acme/*", "seed-*", "СДК 1.*"),
};
const written = fc.record(parts);
/** One part of the rules in another's place: where more changes, every file is gone through for something. */
const change = fc.oneof(
  fc.record({ apis: parts.apis }),
  fc.record({ handOvers: parts.handOvers }),
  fc.record({ signatures: parts.signatures }),
  fc.record({ version: parts.version }),
);

function prepare({ apis, handOvers, signatures, version }: Of<typeof written>) {
  return prepareTinyRules({
    "data-types.yaml": dataTypes("ids"),
    "ids.yaml": apiRule("ids", "ids", apis.join("\n")),
    "given.yaml": handOverRule("given", handOvers.join("\n")),
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule("acme", signatures, `version: [{ string: "${version}" }]\n`),
  });
}

/** Bytes to be changed, by how far they are into a DEX file. */
const flips = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
  maxLength: 2,
});

test("for any app and change of rules, facts come to what reading comes to", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(dexFile, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      flips,
      written,
      change,
      async (dexes, isTwice, changed, before, after) => {
        const dexFiles = dexes.map(build);
        for (const [place, byte] of changed)
          dexFiles[0]![0x38 + Math.floor(place * (dexFiles[0]!.length - 0x38))] = byte;
        if (isTwice) dexFiles.push(dexFiles[0]!);
        try {
          await auditAfterChange(
            buildApp({ manifest: { packageName: "org.x.app" }, dexFiles }),
            prepare(before),
            prepare({ ...before, ...after }),
          );
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});
