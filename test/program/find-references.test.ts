import { expect, test } from "vitest";
import { readDexFiles } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import {
  findReferences,
  PackageTable,
  REFERENCE_KIND,
  ReferenceQuery,
  TEXT_USE,
} from "../../src/program/index.js";
import { buildDex, type Ids } from "../support/dex-builder.js";

const OWNER = "Lx/Asked;";

// Opcodes as the "Bytecode format" page of source.android.com has them.
test.each([
  ["invoke-virtual", 0x6e],
  ["invoke-super", 0x6f],
  ["invoke-direct", 0x70],
  ["invoke-static", 0x71],
  ["invoke-interface", 0x72],
  ["invoke-virtual/range", 0x74],
  ["invoke-super/range", 0x75],
  ["invoke-direct/range", 0x76],
  ["invoke-static/range", 0x77],
  ["invoke-interface/range", 0x78],
])("%s of a method asked for is listed", (_, opcode) => {
  const query = new ReferenceQuery();
  query.addMethod(OWNER, "m", "()V", 7);
  const { bytes } = buildDex([
    {
      classes: [
        {
          descriptor: "Lt/A;",
          methods: [{ name: "caller", code: (ids) => [0x00, opcode, ids.method(OWNER, "m"), 0, 0x0e] }],
        },
      ],
      refs: [{ owner: OWNER, method: { name: "m" } }],
    },
  ]);
  const diagnostics: Diagnostics = [];
  const [dex] = readDexFiles(bytes, "classes.dex", defaultLimits, diagnostics);
  const { kinds, targets, codeUnits } = findReferences(dex!, query, new PackageTable(), diagnostics);
  expect(kinds.length).toBe(1);
  expect([kinds.at(0), targets.at(0), codeUnits.at(0)]).toEqual([REFERENCE_KIND.method, 7, 1]);
  expect(diagnostics).toEqual([]);
});

test.each(["Привет, СДК", "初始化错误", "\u{1f600} smile", "plain"])(
  "a text is found whatever script it is in: %s",
  (text) => {
    const query = new ReferenceQuery();
    query.addText(text, TEXT_USE.site);
    const code = (ids: Ids) => [0x001a, ids.string(text), 0x0e];
    const { bytes } = buildDex([
      { classes: [{ descriptor: "Lt/A;", methods: [{ name: "m", code }] }], strings: [text, "other"] },
    ]);
    const [dex] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
    const { kinds, targets } = findReferences(dex!, query, new PackageTable(), []);
    expect([kinds.length, kinds.at(0)]).toEqual([1, REFERENCE_KIND.string]);
    expect(dex!.string(targets.at(0))).toBe(text);
  },
);
