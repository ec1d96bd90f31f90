import { describe, expect, test } from "vitest";
import { buildApp } from "../support/app-builder.js";
import { type BuiltDex, buildDex, type DexSpec, type Ids } from "../support/dex-builder.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { apiRule, dataTypes, sdkRule, vendor } from "../support/tiny-rules.js";
import { auditAfterChange, prepareTinyRules } from "./audit-after-change.js";

const rules = (apis: string) =>
  prepareTinyRules({
    "data-types.yaml": dataTypes("ids"),
    "ids.yaml": apiRule("ids", "ids", apis),
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule(
      "acme",
      ["class-prefix: Lcom/acme/"],
      'version: [{ method: "Lcom/acme/V;->ver()Ljava/lang/String;" }]\n',
    ),
  });
const before = rules("  - method: Lno/Such;->other()V");
const after = rules("  - method: Lno/Such;->other()V\n  - method: Lno/Such;->collect(J)V");

const returns = (name: string, text: string) => ({
  name,
  returns: "Ljava/lang/String;",
  code: (ids: Ids) => [0x001a, ids.string(text), 0x0011],
});
const spec: DexSpec = {
  classes: [
    {
      descriptor: "Lcom/acme/V;",
      interfaces: ["Lcom/acme/I;"],
      methods: [
        returns("ver", "1.1.1"),
        returns("ves", "9.9.9"),
        { name: "collect", parameters: ["I", "J"] },
      ],
    },
  ],
  strings: ["1.1.1", "9.9.9"],
};

/** Changes 32-bit words of a list: `edit` is given the word at a place counted from the list's beginning. */
function spoil(list: string, edit: (words: { [index: number]: number }, size: number) => void): Uint8Array {
  const { bytes, offsets }: BuiltDex = buildDex([spec]);
  const sizes: Record<string, number> = {
    string_ids: 0x38,
    type_ids: 0x40,
    proto_ids: 0x48,
    method_ids: 0x58,
  };
  const size = new DataView(bytes.buffer).getUint32(sizes[list]!, true);
  edit(new Uint32Array(bytes.buffer, offsets.get(list)!), size);
  return bytes;
}

describe("a DEX file has no facts, and results are those of reading it, where", () => {
  test.each<[string, Uint8Array]>([
    [
      "two method_ids are the same",
      spoil("method_ids", (ids, size) => (ids[size * 2 - 1] = ids[size * 2 - 3]!)),
    ],
    ["method_ids are out of order", spoil("method_ids", (ids) => ([ids[1], ids[3]] = [ids[3]!, ids[1]!]))],
    ["a method has the name of no string", spoil("method_ids", (ids) => (ids[1] = 0xff_ffff))],
    ["a method has no prototype", spoil("method_ids", (ids) => (ids[0]! |= 0xffff_0000))],
    ["a prototype's parameters are nowhere", spoil("proto_ids", (ids) => (ids[5] = 0x7fff_fff0))],
    ["a prototype returns no type", spoil("proto_ids", (ids) => (ids[4] = 0xffff))],
    [
      "two prototypes are the same",
      spoil("proto_ids", (ids) => ([ids[3], ids[4], ids[5]] = [ids[0]!, ids[1]!, ids[2]!])),
    ],
    ["strings are out of order", spoil("string_ids", (ids) => ([ids[0], ids[1]] = [ids[1]!, ids[0]!]))],
  ])("%s", async (_, dex) => {
    const app = buildApp({ manifest: {}, dexFiles: [dex] });
    const { isFromFacts, walked } = await auditAfterChange(app, before, after);
    expect(isFromFacts).toBe(false);
    expect(walked).toEqual(["classes.dex"]);
  });

  test("a class defines a method twice", async () => {
    const { bytes, offsets } = buildDex([spec]);
    // class_data_item: four sizes; method_idx_diff, access_flags and code_off of an abstract method; method_idx_diff.
    const secondDiff = offsets.get("class_data Lcom/acme/V;")! + 4 + 3;
    bytes[secondDiff] = 0;
    const { isFromFacts } = await auditAfterChange(
      buildApp({ manifest: {}, dexFiles: [bytes] }),
      before,
      after,
    );
    expect(isFromFacts).toBe(false);
  });

  test("but the sound file of them all has", async () => {
    const app = buildApp({ manifest: {}, dexFiles: [buildDex([spec]).bytes] });
    const { isFromFacts, result } = await auditAfterChange(app, before, before);
    expect(isFromFacts).toBe(true);
    expect(result.parties.find(({ id }) => id === "acme")?.version).toBe("1.1.1");
  });
});

test("a DEX file in which few bytes give each method a long descriptor has no facts that say them all", async () => {
  const long = [0, 1].map((index) => `Lq/${"x".repeat(250)}${index};`);
  const methods = Array.from({ length: 100 }, (_, number) => ({
    name: `m${number}`,
    parameters: Array.from({ length: 250 }, (_, index) => long[(number >> index) & 1]!),
    code: (ids: Ids) => [0x001a, ids.string("http://a.b/"), 0x0e],
  }));
  const { bytes } = buildDex([{ classes: [{ descriptor: "Lapp/x/A;", methods }], strings: ["http://a.b/"] }]);
  const facts = new MemoryFactStore();
  const app = buildApp({ manifest: {}, dexFiles: [bytes] });
  await auditAfterChange(app, before, after, {}, facts);
  expect(Math.max(...[...facts.kept.values()].map(({ length }) => length))).toBeLessThan(10_000);
});
