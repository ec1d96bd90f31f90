import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/findings/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type ClassSpec, type Ids, type MethodSpec } from "../support/dex-builder.js";
import { buildZip } from "../support/zip-builder.js";
import { attempt, loadApps, MOST_MEMORY, sweep } from "./attempt.js";
import { inflateParts } from "./mutate.js";

// Not malformed in any one place, but made to cost: without a bound each of these took minutes or
// gigabytes, and all of them compress to a small file.

const app = loadApps().find(({ name }) => name.endsWith("gpsDemo-debug.apk"))!;
const parts = inflateParts(app.bytes);
const dex = parts.find(({ name }) => name === "classes.dex")!.content as Uint8Array;

/** Offsets of the size fields in header_item; the list's offset follows. */
const SIZE_FIELDS = {
  string_ids: 0x38,
  type_ids: 0x40,
  proto_ids: 0x48,
  field_ids: 0x50,
  method_ids: 0x58,
  class_defs: 0x60,
};

test.each(Object.entries(SIZE_FIELDS))("%s of a million items that point nowhere", async (_, sizeField) => {
  const huge = new Uint8Array(4 << 20).fill(0xff);
  huge.set(dex);
  const view = new DataView(huge.buffer);
  view.setUint32(0x20, huge.length, true);
  view.setUint32(sizeField, 1_000_000, true);
  view.setUint32(sizeField + 4, align(dex.length), true);
  await expectCheap("classes.dex", huge);
});

test("types in no order, named by strings that never end", async () => {
  await expectCheap("classes.dex", typesNamedByEndlessStrings(60_000, 16 << 20));
});

test.each([
  ["never end", 1],
  ["have a length that never ends", 0x80],
])("classes named by strings that %s", async (_, filler) => {
  await expectCheap("classes.dex", typesNamedByEndlessStrings(60_000, 16 << 20, filler, 60_000));
});

test("a string pool whose strings overlap, in an element that names them all", async () => {
  await expectCheap("AndroidManifest.xml", overlappingStrings(20_000));
});

describe("thousands of classes below one long line of ancestors", () => {
  const LEAVES = 10_000;
  const getDeviceId: MethodSpec = { name: "getDeviceId", returns: "Ljava/lang/String;", accessFlags: 1 };
  const idOf = (i: number) => String(i).padStart(5, "0");
  const leaves = Array.from({ length: LEAVES }, (_, i) => `Lleaf/L${idOf(i)};`);
  /** 500 calls a method; what is called is inherited. */
  const caller: ClassSpec = {
    descriptor: "Lcaller/A;",
    methods: Array.from({ length: LEAVES / 500 }, (_, i) => ({
      name: `m${idOf(i)}`,
      code: (ids) => [
        ...leaves.slice(i * 500, (i + 1) * 500).flatMap((leaf) => invokeStatic(ids, leaf, "getDeviceId")),
        0x0e,
      ],
    })),
  };
  const refs = leaves.map((owner) => ({ owner, method: getDeviceId }));
  const auditClasses = (classes: readonly ClassSpec[]) =>
    auditCheaply([{ classes: [...classes, caller], refs }]);

  test("with many methods each", async () => {
    const methods = Array.from({ length: 80 }, (_, i) => ({ name: `m${i}` }));
    const chain = Array.from({ length: 400 }, (_, i) => ({
      descriptor: `Lchain/C${i};`,
      superclass: i === 0 ? "Landroid/telephony/TelephonyManager;" : `Lchain/C${i - 1};`,
      methods,
    }));
    const { accesses } = await auditClasses([
      ...chain,
      ...leaves.map((descriptor) => ({ descriptor, superclass: "Lchain/C399;" })),
    ]);
    const found = accesses.filter(({ api }) => api.includes("getDeviceId"));
    expect(found.map(({ callSites }) => callSites)).toContain(LEAVES);
  });

  test("that each override a method asked for", async () => {
    const chain = Array.from({ length: 480 }, (_, i) => ({
      descriptor: `Lchain/C${i};`,
      superclass: i === 0 ? "Landroid/telephony/PhoneStateListener;" : `Lchain/C${i - 1};`,
    }));
    const onCallStateChanged: MethodSpec = {
      name: "onCallStateChanged",
      parameters: ["I", "Ljava/lang/String;"],
      code: () => [0x0e],
    };
    const overriding = Array.from({ length: 60_000 }, (_, i) => ({
      descriptor: `Lleaf/O${idOf(i)};`,
      superclass: "Lchain/C479;",
      methods: [onCallStateChanged],
    }));
    const { accesses } = await auditCheaply([{ classes: [...chain, ...overriding] }]);
    expect(accesses.map(({ callSites }) => callSites)).toContain(overriding.length);
  });

  test("with interfaces that all name one another", async () => {
    const interfaces = Array.from({ length: 400 }, (_, i) => `Lfaces/I${i};`);
    const { diagnostics } = await auditClasses([
      // That somebody extends the class with the method: else nobody can inherit it.
      { descriptor: "Lchain/Used;", superclass: "Landroid/telephony/TelephonyManager;" },
      ...interfaces.map((descriptor) => ({ descriptor, interfaces })),
      ...leaves.map((descriptor) => ({ descriptor, interfaces: ["Lfaces/I0;"] })),
    ]);
    expect(diagnostics.filter(({ message }) => message.includes("(limit ancestors)"))).toHaveLength(1);
  });
});

test("20,000 packages of one class each", async () => {
  const classes = Array.from({ length: 20_000 }, (_, i) => ({ descriptor: packageClass(i) }));
  const { parties, findings } = await auditCheaply([{ classes }]);
  expect(parties.length).toBeGreaterThanOrEqual(classes.length);
  expect(findings.length).toBeGreaterThanOrEqual(classes.length);
});

test("12,000 packages that each read the contacts", async () => {
  const uri = "content://com.android.contacts";
  const read: MethodSpec = { name: "a", code: (ids) => [0x001a, ids.string(uri), 0x0e] };
  const classes = Array.from({ length: 12_000 }, (_, i) => ({
    descriptor: packageClass(i),
    methods: [read],
  }));
  const { accesses } = await auditCheaply([{ classes, strings: [uri] }]);
  expect(accesses).toHaveLength(classes.length);
});

function packageClass(number: number): string {
  return `Lx${String(number).padStart(5, "0")}aa/yyyy/A;`;
}

/** invoke-static of a method without parameters. */
function invokeStatic(ids: Ids, owner: string, name: string): number[] {
  return [0x0071, ids.method(owner, name), 0];
}

/** The result for an app with code of ours that holds permissions for all that it reads. */
async function auditCheaply(specs: Parameters<typeof buildDex>[0]): Promise<AuditResult> {
  const usesPermissions = ["READ_CONTACTS", "READ_PHONE_STATE", "ACCESS_FINE_LOCATION"].map(
    (name) => `android.permission.${name}`,
  );
  const dexFiles = [buildDex(specs).bytes];
  const { outcome, broken } = await attempt("built", buildApp({ manifest: { usesPermissions }, dexFiles }));
  expect(broken).toBeUndefined();
  return JSON.parse(outcome);
}

async function expectCheap(partName: string, content: Uint8Array): Promise<void> {
  const bytes = buildZip(parts.map((part) => (part.name === partName ? { name: partName, content } : part)));
  const { broken, results, grownBy } = await sweep([{ name: partName, bytes }]);
  expect(broken).toEqual([]);
  expect(results).toBe(1);
  expect(grownBy).toBeLessThan(MOST_MEMORY);
}

/**
 * The strings and types of `dex`, then `count` types more, each the rest of the file but for its first bytes;
 * and so many classes of those types.
 */
function typesNamedByEndlessStrings(count: number, restSize: number, filler = 1, classDefs = 0): Uint8Array {
  const header = new DataView(dex.buffer, dex.byteOffset);
  const table = (field: number) =>
    new Uint32Array(
      dex.slice(
        header.getUint32(field + 4, true),
        header.getUint32(field + 4, true) + header.getUint32(field, true) * 4,
      ).buffer,
    );
  const [strings, types] = [table(SIZE_FIELDS.string_ids), table(SIZE_FIELDS.type_ids)];
  const typesOff = align(dex.length);
  const stringsOff = typesOff + (types.length + count) * 4;
  const classDefsOff = stringsOff + (strings.length + 1_000) * 4;
  const restOff = classDefsOff + classDefs * 32;
  const bytes = new Uint8Array(restOff + restSize).fill(filler);
  bytes.set(dex);
  const view = new DataView(bytes.buffer);
  const put = (offset: number, words: Iterable<number>) => {
    for (const word of words) view.setUint32((offset += 4) - 4, word, true);
  };
  put(typesOff, types);
  put(
    typesOff + types.length * 4,
    Array.from({ length: count }, (_, i) => strings.length + 999 - (i % 1_000)),
  );
  put(stringsOff, strings);
  put(
    stringsOff + strings.length * 4,
    Array.from({ length: 1_000 }, (_, i) => restOff + i),
  );
  for (let i = 0; i < classDefs; i++)
    put(classDefsOff + i * 32, [types.length + i, 1, 0xffffffff, 0, 0xffffffff, 0, 0, 0]);
  if (classDefs > 0) put(SIZE_FIELDS.class_defs, [classDefs, classDefsOff]);
  put(0x20, [bytes.length]);
  put(SIZE_FIELDS.string_ids, [strings.length + 1_000, stringsOff, types.length + count, typesOff]);
  return bytes;
}

/** Binary XML of one element with `count` attributes; each value is another string of 98,304 characters. */
function overlappingStrings(count: number): Uint8Array {
  // Every third unit begins a string: a length of two units, 0x18000, after which a zero happens to follow.
  const units = Uint16Array.from({ length: 600_000 }, (_, i) => [0x8001, 0x8000, 0][i % 3]!);
  const poolSize = 28 + 4 * count + units.byteLength;
  const elementSize = 36 + 20 * count;
  const bytes = new Uint8Array(8 + poolSize + elementSize + 24);
  const view = new DataView(bytes.buffer);
  const chunk = (offset: number, type: number, headerSize: number, size: number) => {
    view.setUint16(offset, type, true);
    view.setUint16(offset + 2, headerSize, true);
    view.setUint32(offset + 4, size, true);
  };
  chunk(0, 0x0003, 8, bytes.length);
  chunk(8, 0x0001, 28, poolSize);
  view.setUint32(16, count, true);
  view.setUint32(28, 28 + 4 * count, true);
  for (let i = 0; i < count; i++) view.setUint32(36 + i * 4, (i % 100_000) * 6, true);
  bytes.set(new Uint8Array(units.buffer), 36 + 4 * count);
  const element = 8 + poolSize;
  chunk(element, 0x0102, 16, elementSize);
  view.setUint32(element + 16, 0xffffffff, true);
  view.setUint16(element + 24, 20, true);
  view.setUint16(element + 26, 20, true);
  view.setUint16(element + 28, count, true);
  for (let i = 0; i < count; i++) {
    const attribute = element + 36 + i * 20;
    view.setUint32(attribute, 0xffffffff, true);
    view.setUint32(attribute + 4, i, true);
    view.setUint32(attribute + 8, i, true);
    view.setUint32(attribute + 12, 0x03000008, true);
    view.setUint32(attribute + 16, i, true);
  }
  chunk(element + elementSize, 0x0103, 16, 24);
  view.setUint32(element + elementSize + 16, 0xffffffff, true);
  return bytes;
}

function align(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
