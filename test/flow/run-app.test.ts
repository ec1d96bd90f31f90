import { describe, expect, test } from "vitest";
import { runApp } from "../../src/flow/run-app.js";
import type { EntryPointKind } from "../../src/program/index.js";
import { makeMachine } from "./make-machine.js";

const RETURN = [0x000e];

/** Classes of components by name, each with the methods that Android calls of it, in no order that matters. */
type Components = readonly (readonly [
  kind: EntryPointKind,
  name: string,
  methods: readonly string[],
  isOpen?: boolean,
])[];

/** Runs components whose methods do nothing; gives the methods in the order in which each was called first. */
function runOrder(components: Components): string[] {
  const machine = makeMachine(
    [],
    components.map(([, name, methods]) => ({
      descriptor: `Lacme/${name};`,
      methods: methods.map((method) => ({
        name: method,
        accessFlags: 0x1,
        isVirtual: method !== "<init>",
        code: () => RETURN,
      })),
    })),
    (methods) =>
      components.map(([kind, name, , isOpen = true]) => {
        const type = methods.types.numberOf(`Lacme/${name};`);
        const { all } = methods.methodsOf(type);
        return { kind, component: `acme.${name}`, type, methods: all, isBeforeConsent: false, isOpen };
      }),
  );
  const called = new Set<string>();
  const call = machine.call.bind(machine);
  machine.call = (method, ...rest) => {
    called.add(machine.methods.reference(method).replace(/^Lacme\/(.*);->(.*)\(.*$/, "$1.$2"));
    return call(method, ...rest);
  };
  runApp(machine);
  return [...called];
}

describe("components run in Android's order", () => {
  test("an activity from its constructor to its end, with what may be called in between", () => {
    const methods = [
      "onDestroy",
      "onStop",
      "onPause",
      "onClick",
      "onResume",
      "onStart",
      "onCreate",
      "<init>",
    ];
    const expected = [
      "<init>",
      "onCreate",
      "onStart",
      "onResume",
      "onClick",
      "onPause",
      "onStop",
      "onDestroy",
    ];
    for (const order of [methods, [...methods].reverse()])
      expect(runOrder([["activity", "Main", order]])).toEqual(expected.map((name) => `Main.${name}`));
  });

  test("an activity's state is saved before it stops, and given back after it starts", () => {
    const order = runOrder([
      ["activity", "Main", ["onSaveInstanceState", "onRestoreInstanceState", "onStop", "onStart", "onPause"]],
    ]);
    expect(order).toEqual(
      ["onStart", "onRestoreInstanceState", "onPause", "onSaveInstanceState", "onStop"].map(
        (name) => `Main.${name}`,
      ),
    );
  });

  test("the Application is made first, then providers run, then it, and only then all others", () => {
    const order = runOrder([
      ["activity", "Main", ["<init>", "onCreate"]],
      ["receiver", "Boot", ["<init>", "onReceive"]],
      ["provider", "Notes", ["<init>", "query", "onCreate", "attachInfo"]],
      ["application", "App", ["<init>", "onCreate", "attachBaseContext", "onTrimMemory"]],
    ]);
    const head = [
      "App.<init>",
      "App.attachBaseContext",
      "Notes.<init>",
      "Notes.attachInfo",
      "Notes.onCreate",
    ];
    expect(order.slice(0, 6)).toEqual([...head, "App.onCreate"]);
    expect(order.indexOf("Notes.query")).toBeGreaterThan(order.indexOf("Main.onCreate"));
    expect(order).toEqual(expect.arrayContaining(["Boot.onReceive", "App.onTrimMemory"]));
  });

  test("what is closed and what nothing is sent to does not run", () => {
    expect(
      runOrder([
        ["receiver", "Inner", ["<init>", "onReceive"], false],
        ["provider", "Closed", ["<init>", "onCreate"], false],
        ["activity", "Main", ["onCreate"]],
      ]),
    ).toEqual(["Main.onCreate"]);
  });
});
