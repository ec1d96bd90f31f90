import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type ClassSpec, type Ids, type MethodSpec } from "../support/dex-builder.js";
import { compileTinyRules, dataTypes, handOverRule, sdkRule, vendor } from "../support/tiny-rules.js";

const STRING = "Ljava/lang/String;";
const OBJECT = "Ljava/lang/Object;";
const BUILDER = "Ljava/lang/StringBuilder;";
const MAIN = "Lorg/app/Main;";

const rules = prepareRules(
  compileTinyRules({
    "data-types.yaml": dataTypes("ids", "mail", "acts"),
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]),
    "given.yaml": handOverRule(
      "given",
      `  - { method: "Lcom/acme/Sdk;->log(*)*", gives: [{ index: 0, names: event, data-type: acts }] }
  - { method: "Lcom/acme/Sdk;->user(${STRING}${STRING})V", gives: [{ index: 0, data-type: ids }, { index: 1, data-type: mail }] }
  - { name: setMail, gives: [{ index: 0, data-type: mail, types: ["${STRING}"] }] }`,
    ),
  }),
);

const member = (owner: string, name: string, parameters: readonly string[], returns = "V") => ({
  owner,
  method: { name, parameters, returns },
});
const refs = [
  member("Lcom/acme/Sdk;", "log", [STRING]),
  member("Lcom/acme/Sdk;", "user", [STRING, STRING]),
  member("Lcom/acme/Sdk;", "user$default", ["Lcom/acme/Sdk;", STRING, STRING, "I", OBJECT]),
  member("Lcom/acme/Sdk$Companion;", "log", [STRING]),
  member("Lcom/acme/Other;", "setMail", [STRING]),
  member("Lcom/acme/Shape;", "setMail", ["I"]),
  member("Lnet/someone/Thing;", "setMail", [STRING]),
  member("Lorg/app/Own;", "setMail", [STRING]),
  member("Lorg/app/Derived;", "log", [STRING]),
  member("Lorg/app/Heir;", "setMail", [STRING]),
  member("Lorg/app/Derived;", "other", []),
  member("Lcom/acme/Missing;", "setMail", [STRING]),
  member(BUILDER, "<init>", []),
  member(BUILDER, "append", [STRING], BUILDER),
  member(BUILDER, "toString", [], STRING),
];
const sdkClasses: ClassSpec[] = [
  ...["Lcom/acme/Sdk;", "Lcom/acme/Sdk$Companion;", "Lcom/acme/Shape;", "Lnet/someone/Thing;"].map(
    (descriptor) => ({ descriptor }),
  ),
  {
    descriptor: "Lcom/acme/Other;",
    methods: [{ name: "setMail", parameters: [STRING], code: () => [0x0e] }],
  },
  { descriptor: "Lorg/app/Derived;", superclass: "Lcom/acme/Sdk;" },
  { descriptor: "Lorg/app/Heir;", superclass: "Lcom/acme/Other;" },
  { descriptor: "Lorg/app/Own;", methods: [{ name: "setMail", parameters: [STRING], code: () => [0x0e] }] },
];

/** `const-string vN, text`. */
const text = (ids: Ids, register: number, value: string) => [0x1a | (register << 8), ids.string(value)];
/** `invoke-static {…}`, each register below 16. */
const call = (ids: Ids, owner: string, name: string, ...registers: number[]) =>
  invoke(0x71, ids, owner, name, registers);
function invoke(
  opcode: number,
  ids: Ids,
  owner: string,
  name: string,
  registers: readonly number[],
): number[] {
  const packed = registers.slice(0, 4).reduce((sum, register, index) => sum | (register << (index * 4)), 0);
  return [opcode | (registers.length << 12) | ((registers[4] ?? 0) << 8), ids.method(owner, name), packed];
}
const RESULT = (register: number) => 0x0c | (register << 8);
const NULL = (register: number) => 0x12 | (register << 8);

/** What an app hands over whose one method has this code; its parameter, of which nothing is known, is v4. */
async function audit(code: (ids: Ids) => number[], more: readonly MethodSpec[] = [], caller = MAIN) {
  const main: ClassSpec = {
    descriptor: caller,
    methods: [
      { name: "run", parameters: [STRING], code: (ids) => [...code(ids), 0x0e] },
      ...more.map((method) => ({ ...method, name: method.name })),
    ],
  };
  const others = more.map(({ name, parameters = [], returns = "V" }) =>
    member(caller, name, parameters, returns),
  );
  const strings = ["login", "a@b", "guest", "sign_", "up", "other", "sent"];
  const { bytes } = buildDex([{ classes: [...sdkClasses, main], refs: [...refs, ...others], strings }]);
  const apk = buildApp({ manifest: { packageName: "org.app" }, dexFiles: [bytes] });
  const { handOvers = [] } = await auditSource(bytesSource("app.apk", apk), rules);
  return handOvers.map(({ party, api, events, dataTypes: types, confidence, callSites }) => ({
    party,
    api: api.split("(")[0]!.split("/").at(-1)!,
    events,
    types,
    confidence,
    callSites,
  }));
}

describe("a call of a method that a rule names with its class", () => {
  const log = { party: "acme", api: "Sdk;->log", types: ["acts"], confidence: "certain", callSites: 1 };

  test("hands over the constant name of an event", async () => {
    const found = await audit((ids) => [...text(ids, 0, "login"), ...call(ids, "Lcom/acme/Sdk;", "log", 0)]);
    expect(found).toEqual([{ ...log, events: ["login"] }]);
  });

  test("hands over an event whose name is not known", async () => {
    const found = await audit((ids) => call(ids, "Lcom/acme/Sdk;", "log", 4));
    expect(found).toEqual([{ ...log, events: [] }]);
  });

  test("is one for each method that calls, with its calls counted", async () => {
    const found = await audit((ids) => [
      ...text(ids, 0, "login"),
      ...call(ids, "Lcom/acme/Sdk;", "log", 0),
      ...text(ids, 0, "sent"),
      ...call(ids, "Lcom/acme/Sdk;", "log", 0),
    ]);
    expect(found).toEqual([{ ...log, events: ["login", "sent"], callSites: 2 }]);
  });

  test("is found on the companion, and on a class of the app's own below it", async () => {
    expect(await audit((ids) => call(ids, "Lcom/acme/Sdk$Companion;", "log", 4))).toEqual([
      { ...log, api: "Sdk$Companion;->log", events: [] },
    ]);
    expect(await audit((ids) => call(ids, "Lorg/app/Derived;", "log", 4))).toEqual([{ ...log, events: [] }]);
  });

  test("knows a name that is put together, also by another method", async () => {
    const build = (ids: Ids) => [
      ...[0x22, ids.type(BUILDER)],
      ...invoke(0x70, ids, BUILDER, "<init>", [0]),
      ...text(ids, 1, "sign_"),
      ...invoke(0x6e, ids, BUILDER, "append", [0, 1]),
      ...text(ids, 1, "up"),
      ...invoke(0x6e, ids, BUILDER, "append", [0, 1]),
      ...invoke(0x6e, ids, BUILDER, "toString", [0]),
      RESULT(1),
    ];
    const here = await audit((ids) => [...build(ids), ...call(ids, "Lcom/acme/Sdk;", "log", 1)]);
    expect(here).toEqual([{ ...log, events: ["sign_up"] }]);
    const there = await audit(
      (ids) => [...call(ids, MAIN, "name"), RESULT(2), ...call(ids, "Lcom/acme/Sdk;", "log", 2)],
      [{ name: "name", returns: STRING, code: (ids) => [...build(ids), 0x0111] }],
    );
    expect(there).toEqual([{ ...log, events: ["sign_up"] }]);
  });

  test("does not know a name to which something unknown is appended", async () => {
    const found = await audit((ids) => [
      ...[0x22, ids.type(BUILDER)],
      ...invoke(0x70, ids, BUILDER, "<init>", [0]),
      ...text(ids, 1, "sign_"),
      ...invoke(0x6e, ids, BUILDER, "append", [0, 1]),
      ...invoke(0x6e, ids, BUILDER, "append", [0, 4]),
      ...invoke(0x6e, ids, BUILDER, "toString", [0]),
      RESULT(1),
      ...call(ids, "Lcom/acme/Sdk;", "log", 1),
    ]);
    expect(found).toEqual([{ ...log, events: [] }]);
  });

  test("hands over no data where a constant or null is passed", async () => {
    const user = { ...log, api: "Sdk;->user", events: [] };
    const pass = (first: (ids: Ids) => number[], ...registers: number[]) =>
      audit((ids) => [...first(ids), ...call(ids, "Lcom/acme/Sdk;", "user", ...registers)]);
    expect(await pass(() => [], 4, 4)).toEqual([{ ...user, types: ["ids", "mail"] }]);
    expect(await pass((ids) => text(ids, 0, "guest"), 0, 4)).toEqual([{ ...user, types: ["mail"] }]);
    expect(await pass(() => [NULL(0)], 4, 0)).toEqual([{ ...user, types: ["ids"] }]);
    expect(await pass((ids) => [...text(ids, 0, "guest"), NULL(1)], 0, 1)).toEqual([]);
  });

  test("of Kotlin's bridge counts what it does not fill in", async () => {
    const bridge = (mask: number) =>
      audit((ids) => [
        NULL(0),
        0x12 | (2 << 8) | (mask << 12),
        ...invoke(0x71, ids, "Lcom/acme/Sdk;", "user$default", [0, 4, 4, 2, 0]),
      ]);
    const user = { ...log, api: "Sdk;->user$default", events: [] };
    expect(await bridge(0)).toEqual([{ ...user, types: ["ids", "mail"] }]);
    expect(await bridge(2)).toEqual([{ ...user, types: ["ids"] }]);
    expect(await bridge(3)).toEqual([]);
  });

  test("is none in the code of the SDK itself", async () => {
    expect(await audit((ids) => call(ids, "Lcom/acme/Sdk;", "log", 4), [], "Lcom/acme/Inner;")).toEqual([]);
  });

  test("is none where no branch leads to it", async () => {
    const found = await audit((ids) => [0x0e, ...call(ids, "Lcom/acme/Sdk;", "log", 4)]);
    expect(found).toEqual([]);
  });
});

describe("a call that is known by the method's name alone", () => {
  const mail = { events: [], types: ["mail"], callSites: 1 };

  test("is likely where a rule knows whose class it is, and possible where none does", async () => {
    expect(await audit((ids) => call(ids, "Lcom/acme/Other;", "setMail", 4))).toEqual([
      { ...mail, party: "acme", api: "Other;->setMail", confidence: "likely" },
    ]);
    expect(await audit((ids) => call(ids, "Lnet/someone/Thing;", "setMail", 4))).toEqual([
      { ...mail, party: "unrecognised:net.someone", api: "Thing;->setMail", confidence: "possible" },
    ]);
  });

  test("is one of the class that the app's own class has the method from", async () => {
    expect(await audit((ids) => call(ids, "Lorg/app/Heir;", "setMail", 4))).toEqual([
      { ...mail, party: "acme", api: "Other;->setMail", confidence: "likely" },
    ]);
  });

  test("is none on the app's own class, on one that is not there, or with another parameter", async () => {
    for (const owner of ["Lorg/app/Own;", "Lcom/acme/Missing;", "Lcom/acme/Shape;"])
      expect(await audit((ids) => call(ids, owner, "setMail", 4)), owner).toEqual([]);
  });
});
