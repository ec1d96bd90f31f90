import { describe, expect, test } from "vitest";
import { ModelIndex } from "../../src/flow/model-index.js";
import { OutsideCode } from "../../src/flow/outside-code.js";
import type { FlowModel, MethodPattern } from "../../src/ruleset/index.js";
import type { ClassSpec } from "../support/dex-builder.js";
import { makeMachine, makeMethods } from "./make-machine.js";

const STRING = "Ljava/lang/String;";
const OBJECT = "Ljava/lang/Object;";

function model(owner: string, name: string, rest: Partial<MethodPattern> = {}): FlowModel {
  return {
    method: { owner, name, ...rest },
    creates: false,
    returnsItself: false,
    ...{ moves: [], derives: [], runs: [], cancels: [], clears: [], sends: [], sinks: [] },
  };
}

/** Finds models of calls in an app whose `Lacme/Main;` is an activity. */
function makeIndex(...models: FlowModel[]) {
  const machine = makeMachine(models, [{ descriptor: "Lacme/Main;", superclass: "Landroid/app/Activity;" }]);
  const { methods, types, reader } = machine;
  const index = new ModelIndex(models, methods);
  const of = (call: string) => {
    const [owner, signature] = call.split("->") as [string, string];
    const type = types.numberOf(owner);
    return { type, reference: reader.makeReference(type, methods.numberOfSignature(signature)) };
  };
  const find = (call: string) => {
    const { type, reference } = of(call);
    return models.indexOf(index.find(type, reference)!);
  };
  return { index, types, of, find };
}

describe("the model of a call", () => {
  test("is that of the nearest class, also where the class of the app is below Android's", () => {
    const { find } = makeIndex(
      model("Landroid/content/Context;", "getString"),
      model("Landroid/app/Activity;", "getString"),
      model("Landroid/content/Context;", "getText"),
    );
    expect(find(`Lacme/Main;->getString(I)${STRING}`)).toBe(1);
    expect(find(`Landroid/app/Activity;->getString(I)${STRING}`)).toBe(1);
    expect(find(`Landroid/content/Context;->getString(I)${STRING}`)).toBe(0);
    expect(find(`Lacme/Main;->getText(I)${STRING}`)).toBe(2);
    expect(find(`Lacme/Other;->getString(I)${STRING}`)).toBe(-1);
    expect(find(`Lacme/Main;->getStrings(I)${STRING}`)).toBe(-1);
  });

  test("is that of an interface that Android's class has", () => {
    const { find } = makeIndex(model("Ljava/lang/CharSequence;", "length"));
    expect(find(`${STRING}->length()I`)).toBe(0);
  });

  test("is the one that says which parameters, whichever comes first", () => {
    const any = model("Lacme/Api;", "send");
    const exact = model("Lacme/Api;", "send", { parameters: [STRING] });
    for (const models of [
      [any, exact],
      [exact, any],
    ]) {
      const { find } = makeIndex(...models);
      expect(models[find(`Lacme/Api;->send(${STRING})V`)]).toBe(exact);
      expect(models[find("Lacme/Api;->send(I)V")]).toBe(any);
      expect(models[find(`Lacme/Api;->send(${STRING}I)V`)]).toBe(any);
    }
  });

  test("of other parameters than it names is none; a nearer class that does not fit does not hide another", () => {
    const { find } = makeIndex(
      model("Landroid/content/Context;", "getString"),
      model("Landroid/app/Activity;", "getString", { parameters: ["J"] }),
    );
    expect(find(`Lacme/Main;->getString(J)${STRING}`)).toBe(1);
    expect(find(`Lacme/Main;->getString(I)${STRING}`)).toBe(0);
  });

  test("may return an object of a class below", () => {
    const { find } = makeIndex(model("Lacme/Api;", "get", { returns: OBJECT }));
    expect(
      [`Lacme/Api;->get()${OBJECT}`, `Lacme/Api;->get()${STRING}`, "Lacme/Api;->get()I"].map(find),
    ).toEqual([...[0, 0, -1]]);
  });

  test("is remembered by type and signature, also where there is none", () => {
    const { index, of } = makeIndex(model("Lacme/Api;", "send"));
    const { type, reference } = of("Lacme/Api;->send()V");
    expect(index.find(type, reference)).toBe(index.find(type, reference));
    const other = of("Lacme/Api;->receive()V");
    expect(index.find(other.type, other.reference)).toBeUndefined();
    expect(index.find(type, reference)).toBeDefined();
  });

  test("of a class that the app carries is only its own", () => {
    const { index, of } = makeIndex(model("Landroid/app/Activity;", "finish"), model("Lacme/Main;", "close"));
    const own = of("Lacme/Main;->close()V");
    const inherited = of("Lacme/Main;->finish()V");
    expect(index.findOwn(own.type, own.reference)?.method.name).toBe("close");
    expect(index.findOwn(inherited.type, inherited.reference)).toBeUndefined();
  });

  test("by name needs as many parameters", () => {
    const { index, types } = makeIndex(model("Landroid/app/Activity;", "send", { parameters: ["I", "I"] }));
    const type = types.numberOf("Lacme/Main;");
    expect(index.findByName(type, "send", 2)).toBeDefined();
    expect(index.findByName(type, "send(II)V", 2)).toBeDefined();
    expect(index.findByName(type, "send", 1)).toBeUndefined();
    expect(index.findByName(-1, "send", 2)).toBeUndefined();
  });
});

describe("code that is not gone into", () => {
  const PUBLIC = 0x1;
  const method = (name: string) => ({ name, isVirtual: true, accessFlags: PUBLIC, code: () => [0x000e] });
  const classes: ClassSpec[] = [
    { descriptor: "Llib/ui/Screen;", methods: [method("onShow"), method("onHide"), method("onPause")] },
    { descriptor: "Llibrary/Other;", methods: [method("onShow")] },
    {
      descriptor: "Lacme/Base;",
      superclass: "Llib/ui/Screen;",
      methods: [method("onShow"), method("onHide"), method("own")],
    },
    { descriptor: "Lacme/Main;", superclass: "Lacme/Base;", methods: [method("onShow")] },
    { descriptor: "Lacme/Plain;", methods: [method("onShow")] },
  ];
  const makeOutside = (...packages: string[]) => {
    const methods = makeMethods(classes);
    const outside = new OutsideCode(methods, packages);
    const callbacks = (descriptor: string) =>
      outside.callbacksOf(methods.types.numberOf(descriptor)).map((one) => methods.reference(one));
    return { methods, outside, callbacks };
  };

  test("is that of its packages, and of those below them", () => {
    const { methods, outside } = makeOutside("Llib/");
    const isOutside = (descriptor: string) => outside.hasType(methods.types.numberOf(descriptor));
    expect(["Llib/ui/Screen;", "Llibrary/Other;", "Lacme/Main;"].map(isOutside)).toEqual([
      true,
      false,
      false,
    ]);
    const [first] = methods.methodsOf(methods.types.numberOf("Llib/ui/Screen;")).all;
    const [own] = methods.methodsOf(methods.types.numberOf("Lacme/Main;")).all;
    expect([first!, own!].map((one) => outside.has(one))).toEqual([true, false]);
  });

  test("calls back what overrides its methods: of each the lowest, and nothing else", () => {
    const { callbacks } = makeOutside("Llib/");
    expect(callbacks("Lacme/Main;")).toEqual(["Lacme/Main;->onShow()V", "Lacme/Base;->onHide()V"]);
    expect(callbacks("Lacme/Base;")).toEqual(["Lacme/Base;->onHide()V", "Lacme/Base;->onShow()V"]);
    expect(callbacks("Lacme/Plain;")).toEqual([]);
  });

  test("that nobody named calls nothing back", () => {
    expect(makeOutside().callbacks("Lacme/Main;")).toEqual([]);
  });
});
