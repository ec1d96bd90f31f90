import { expect, test } from "vitest";
import { auditFlows } from "../programs/audit-programs.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, sign } from "../support/dex-builder.js";

const SECURE = "Landroid/provider/Settings$Secure;";
const STRING = "Ljava/lang/String;";
const THREAD = "Ljava/lang/Thread;";
const CLASS = "Ljava/lang/Class;";
const METHOD = "Ljava/lang/reflect/Method;";
const MAIN = "Lorg/example/app/Main;";

const refs = [
  {
    owner: SECURE,
    method: {
      name: "getString",
      parameters: ["Landroid/content/ContentResolver;", STRING],
      returns: STRING,
    },
  },
  { owner: THREAD, method: { name: "<init>", parameters: ["Ljava/lang/Runnable;"] } },
  { owner: THREAD, method: { name: "start" } },
  {
    owner: CLASS,
    method: { name: "getMethod", parameters: [STRING, "[Ljava/lang/Class;"], returns: METHOD },
  },
  {
    owner: METHOD,
    method: {
      name: "invoke",
      parameters: ["Ljava/lang/Object;", "[Ljava/lang/Object;"],
      returns: "Ljava/lang/Object;",
    },
  },
  {
    owner: STRING,
    method: {
      name: "replace",
      parameters: ["Ljava/lang/CharSequence;", "Ljava/lang/CharSequence;"],
      returns: STRING,
    },
  },
  { owner: STRING, method: { name: "format", parameters: [STRING, "[Ljava/lang/Object;"], returns: STRING } },
];

type Ids = Parameters<
  NonNullable<NonNullable<Parameters<typeof buildDex>[0][0]["classes"]>[0]["methods"]>[0]["code"] & object
>[0];

/** An app whose activity reads the Android ID into v2, and goes on with some code units; of 6 registers or more. */
function appOf(strings: readonly string[], code: (ids: Ids) => number[], registers = 6): Uint8Array {
  const { bytes, offsets } = buildDex([
    {
      strings: ["android_id", ...strings],
      refs,
      classes: [
        {
          descriptor: MAIN,
          superclass: "Landroid/app/Activity;",
          methods: [
            {
              name: "onCreate",
              isVirtual: true,
              accessFlags: 1,
              parameters: ["Landroid/os/Bundle;"],
              code: (ids: Ids) => [
                ...[0x001a, ids.string("android_id"), 0x0112],
                ...[0x2071, ids.method(SECURE, "getString"), 0x0001, 0x020c],
                ...code(ids),
                0x000e,
              ],
            },
          ],
        },
      ],
    },
  ]);
  const at = offsets.get(`code ${MAIN}->onCreate`)!;
  const view = new DataView(bytes.buffer);
  view.setUint16(at, registers, true);
  view.setUint16(at + 2, 2, true);
  sign(bytes);
  return buildApp({
    manifest: { packageName: "org.example.app", launchers: ["org.example.app.Main"] },
    dexFiles: [bytes],
  });
}

const long = `%${"0".repeat(100_000)}`;

test.each<[string, Uint8Array]>([
  [
    "a thread that runs itself",
    appOf([], (ids) => [
      ...[0x0012, 0x0122, ids.type(THREAD)], // v1 = new Thread(v0); v0 = v1; again
      ...[0x2070, ids.method(THREAD, "<init>"), 0x0001, 0x1007, 0x0238, -6 & 0xffff],
      ...[0x106e, ids.method(THREAD, "start"), 0x0000],
    ]),
  ],
  [
    "a method that invokes invoke on itself",
    appOf(["invoke"], (ids) => [
      ...[0x001c, ids.type(METHOD), 0x011a, ids.string("invoke"), 0x0212],
      ...[0x306e, ids.method(CLASS, "getMethod"), 0x0210, 0x000c],
      ...[0x2112, 0x1123, ids.type("[Ljava/lang/Object;"), 0x0212, 0x004d, 0x0201],
      ...[0x1212, 0x014d, 0x0201, 0x306e, ids.method(METHOD, "invoke"), 0x0100],
    ]),
  ],
  [
    "a text that each replacement squares",
    appOf(["aa", "a"], (ids) => [
      ...[0x001a, ids.string("aa"), 0x011a, ids.string("a")],
      ...Array.from({ length: 7 }, () => [0x306e, ids.method(STRING, "replace"), 0x0010, 0x000c]).flat(),
    ]),
  ],
  [
    "a pattern of a hundred thousand zeros",
    appOf([long], (ids) => [0x001a, ids.string(long), 0x0112, 0x2071, ids.method(STRING, "format"), 0x0010]),
  ],
  [
    "65,535 registers in 20,000 blocks",
    appOf([], () => Array.from({ length: 20_000 }, () => [0x0038, 2]).flat(), 65_535),
  ],
])("%s comes to an end", async (_, app) => {
  const { flows } = await auditFlows(app);
  expect(flows).toBeDefined();
});
