import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { buildDex, type MethodSpec } from "../support/dex-builder.js";
import { exercise } from "./exercise.js";

const fixture = (name: string) => new Uint8Array(readFileSync(`fixtures/dex/${name}.dex`));

// A sweep is thousands of readings, on whatever machine.
vi.setConfig({ testTimeout: 120_000 });

/** Small, and of each structure one: every byte matters. */
const tiny = fixture("tiny");
const container = buildDex(
  ["A", "B"].map((name) => ({
    classes: [{ descriptor: `Lt/${name};`, methods: [{ name: "m", code: () => [0x0e] }] }],
  })),
  41,
).bytes;

describe.each([
  ["a DEX file", tiny],
  ["a container", container],
])("%s", (_name, whole) => {
  test("reads whole without a complaint", () => {
    const { diagnostics, methods } = exercise(whole);
    expect(diagnostics).toEqual([]);
    expect(methods).toBe(2);
  });

  test("cut at any byte is read as far as it goes, and says so", () => {
    for (let size = 0; size < whole.length; size++) {
      const { diagnostics } = exercise(whole.subarray(0, size));
      expect(
        diagnostics.some(({ effect }) => effect === "unread"),
        `cut to ${size} bytes`,
      ).toBe(true);
    }
  });

  test("with any byte changed, throws nothing but FormatError where it is read", () => {
    for (let at = 0; at < whole.length; at++) {
      for (const flip of [0xff, 0x01, 0x80]) {
        const changed = whole.slice();
        changed[at]! ^= flip;
        expect(() => exercise(changed), `byte 0x${at.toString(16)} ^ 0x${flip.toString(16)}`).not.toThrow();
      }
    }
  });
});

test.each(["instructions", "values", "strings"])("%s.dex survives seeded mutations", (name) => {
  const whole = fixture(name);
  const random = mulberry32(0x5eed);
  for (let round = 0; round < 300; round++) {
    const changed = whole.slice();
    const places: string[] = [];
    for (let i = 0; i < 1 + (round % 8); i++) {
      const at = Math.floor(random() * changed.length);
      changed[at] = [0x00, 0xff, 0x7f, 0x80, Math.floor(random() * 256)][Math.floor(random() * 5)]!;
      places.push(`0x${at.toString(16)}=${changed[at]}`);
    }
    expect(() => exercise(changed), `round ${round}: ${places.join(" ")}`).not.toThrow();
  }
});

describe("a small file that would cost a lot", () => {
  const returnVoid: MethodSpec = { name: "m", code: () => [0x0e] };

  test("huge counts in the header are met by the bytes there are", () => {
    for (const field of [0x38, 0x40, 0x48, 0x50, 0x58, 0x60]) {
      const changed = tiny.slice();
      new DataView(changed.buffer).setUint32(field, 0xffff_ffff, true);
      const { diagnostics } = exercise(changed);
      expect(diagnostics[0], `field 0x${field.toString(16)}`).toMatchObject({
        effect: "unread",
        code: "truncated",
      });
    }
  });

  /** Methods whose insns_size each reaches to the end of the file, and so over all that follow. */
  function overlapping(count: number): Uint8Array {
    const names = Array.from({ length: count }, (_, i) => `m${String(i).padStart(3, "0")}`);
    const methods = names.map((name) => ({ name, code: () => [0x0e, 0, 0, 0, 0, 0, 0, 0] }));
    const { bytes, offsets } = buildDex([{ classes: [{ descriptor: "Lt/A;", methods }] }]);
    for (const name of names) {
      const at = offsets.get(`code Lt/A;->${name}`)!;
      new DataView(bytes.buffer).setUint32(at + 12, Math.floor((bytes.length - at - 16) / 2), true);
    }
    return bytes;
  }

  test("methods that share code, as real ones do, are all visited", () => {
    const { diagnostics, methods } = exercise(overlapping(10));
    expect(methods).toBe(10);
    expect(diagnostics).toEqual([]);
  });

  test("methods that all share most of the file stop at the budget", () => {
    const bytes = overlapping(400);
    const { diagnostics, methods, instructions } = exercise(bytes);
    expect(methods).toBeLessThan(400);
    expect(instructions * 2).toBeLessThanOrEqual(16 * bytes.length);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit", part: "classes.dex" }]);
  });

  test("string ids that all name one long text stop at the budget", () => {
    const texts = Array.from({ length: 300 }, (_, i) => `text ${String(i).padStart(3, "0")}`);
    const { bytes, offsets } = buildDex([{ classes: [], strings: [...texts, `~${"x".repeat(20_000)}`] }]);
    const words = new DataView(bytes.buffer);
    const ids = offsets.get("string_ids")!;
    const long = words.getUint32(ids + 300 * 4, true);
    for (let i = 0; i < 300; i++) words.setUint32(ids + i * 4, long, true);
    const [dex] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
    let decoded = 0;
    expect(() => {
      for (let i = 0; i < 300; i++) decoded += dex!.string(i).length;
    }).toThrow(/far more text than it has bytes/);
    expect(decoded).toBeLessThanOrEqual(16 * bytes.length);
  });

  test("strings that begin inside one another, in order, are searched without comparing them all", () => {
    const size = 20_000;
    const { bytes, offsets } = buildDex([
      { classes: [], strings: Array.from({ length: size }, (_, i) => `s${1e6 + i}`) },
    ]);
    const ids = offsets.get("string_ids")!;
    const data = new DataView(bytes.buffer).getUint32(ids, true);
    // One text `aaa…ab` over all string data; each id begins one byte after the one before it, and so
    // sorts after it, by a difference at the far end.
    bytes.fill(0x61, data, bytes.length - 64);
    bytes.set([0x62, 0x00], bytes.length - 64);
    for (let i = 0; i < size; i++) new DataView(bytes.buffer).setUint32(ids + i * 4, data + i, true);
    const [dex] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
    const start = process.cpuUsage();
    expect(dex!.findStringIdx("not there")).toBeUndefined();
    // Compared in full, they are 3 GB: seconds, where the budget takes milliseconds.
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });

  test("diagnostics stop at their limit, and say how many are left out", () => {
    const names = Array.from({ length: 50 }, (_, i) => `m${String(i).padStart(2, "0")}`);
    const methods = names.map((name) => ({ ...returnVoid, name }));
    const { bytes, offsets } = buildDex([{ classes: [{ descriptor: "Lt/A;", methods }] }]);
    for (const name of names) {
      new DataView(bytes.buffer).setUint32(offsets.get(`code Lt/A;->${name}`)! + 12, 0xffff_ffff, true);
    }
    const { diagnostics } = exercise(bytes, { ...defaultLimits, diagnostics: 10 });
    expect(diagnostics).toHaveLength(11);
    expect(diagnostics[10]).toMatchObject({ effect: "unread", code: "limit" });
    expect(diagnostics[10]!.message).toContain("40 more classes or methods could not be read");
  });

  test("a container that leads back into itself ends", () => {
    const changed = container.slice();
    for (const fileSize of [0, 1, 0x70, 0x78, 0x7c, 0xffff_ffff]) {
      new DataView(changed.buffer).setUint32(0x20, fileSize, true);
      expect(exercise(changed).diagnostics.length, `file_size ${fileSize}`).toBeGreaterThan(0);
    }
  });

  test("a container has at most as many members as the limit", () => {
    const members = ["A", "B", "C"].map((name) => ({ classes: [{ descriptor: `Lt/${name};` }] }));
    const { dexFiles, diagnostics } = exercise(buildDex(members, 41).bytes, {
      ...defaultLimits,
      dexFiles: 2,
    });
    expect(dexFiles).toHaveLength(2);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit" }]);
  });
});

/** A small seeded generator, so that a failure can be had again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
