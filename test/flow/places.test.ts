import { describe, expect, test } from "vitest";
import { addMarksAt, copyElements, readPlace, rootOf, writePlace } from "../../src/flow/places.js";
import { isNothing, join, NOTHING, UNKNOWN, type Value } from "../../src/flow/values.js";
import type { Place, PlaceRoot } from "../../src/ruleset/index.js";
import { makeCall, makeMachine, makeObject, markedValue, show } from "./make-machine.js";

const MAP = "Ljava/util/Map;";
const OBJECT = "Ljava/lang/Object;";
const place = (root: PlaceRoot, ...path: Place["path"]): Place => ({ root, path });
const any = { element: "any" } as const;
const fresh = { element: "new" } as const;

/** A call on a new map, with arguments. */
function makeMap(...make: ((text: (one: string) => Value) => Value)[]) {
  const machine = makeMachine();
  const text = (one: string) => machine.constants.ofText(one);
  const begin = makeCall(machine, `${MAP}->put(${OBJECT}${OBJECT})${OBJECT}`, undefined);
  const base = makeObject(machine, begin, MAP);
  const call = { ...begin, base, arguments: make.map((one) => one(text)) };
  return { machine, text, call, base, shown: (one: Place) => show(machine, readPlace(machine, one, call)) };
}

describe("the root of a place", () => {
  test("is the receiver, the result, or an argument", () => {
    const { machine, call, base, text } = makeMap((t) => t("a"));
    expect(rootOf(machine, place("base"), call)).toBe(base);
    expect(rootOf(machine, place(0), call)).toEqual(text("a"));
    expect(rootOf(machine, place(1), call)).toBe(UNKNOWN);
    expect(rootOf(machine, place("unknown"), call)).toBe(UNKNOWN);
    expect(rootOf(machine, place("result"), call)).toBe(NOTHING);
  });

  test("of a store is one for each kind and name", () => {
    const storeOf = (store: string, name: string | undefined, machine = shared) =>
      rootOf(
        machine,
        place({ store, key: 0 }),
        makeCall(
          machine,
          `${MAP}->get()V`,
          UNKNOWN,
          name === undefined ? UNKNOWN : machine.constants.ofText(name),
        ),
      ).objects;
    const shared = makeMachine();
    const ids = storeOf("preferences", "ids");
    expect(storeOf("preferences", "ids")).toEqual(ids);
    expect(storeOf("preferences", "other")).not.toEqual(ids);
    expect(storeOf("databases", "ids")).not.toEqual(ids);
    const unnamed = storeOf("preferences", undefined);
    expect(unnamed).not.toEqual(ids);
    expect(shared.objects.isMany[unnamed[0]!]).toBe(true);
    // A file is known by its name, a table also in a statement.
    expect(storeOf("files", "/data/a/x.txt")).toEqual(storeOf("files", "x.txt"));
    expect(storeOf("tables", "SELECT * FROM notes WHERE 1")).toEqual(storeOf("tables", "notes"));
    expect(storeOf("tables", 'insert into "notes" values (1)')).toEqual(storeOf("tables", "notes"));
    expect(storeOf("tables", "CREATE TABLE IF NOT EXISTS notes (a)")).toEqual(storeOf("tables", "notes"));
  });

  test("of a provider is the app's own component of the URI's authority", () => {
    const machine = makeMachine();
    const providerOf = (uri: string) =>
      rootOf(
        machine,
        place({ store: "provider", key: 0 }),
        makeCall(machine, `${MAP}->get()V`, UNKNOWN, machine.constants.ofText(uri)),
      );
    const [object] = providerOf("content://com.acme.notes/1").objects;
    expect(machine.objects.kinds[object!]).toBe("component");
    expect(machine.types.names[machine.objects.types[object!]!]).toBe("Lacme/Main;");
    expect(isNothing(providerOf("content://com.other/1"))).toBe(true);
  });
});

describe("what is put to a place", () => {
  test("is there, under the constant that an argument is", () => {
    const { machine, call, text, shown } = makeMap(
      (t) => t("key"),
      (t) => t("value"),
    );
    writePlace(machine, place("base", { element: 0 }), text("value"), call);
    expect(shown(place("base", { element: 0 }))).toBe('"value"');
    expect(shown(place("base", any))).toBe('"value"');
    expect(shown(place("base", { element: 1 }))).toBe("0");
  });

  test("as new elements lies behind one another", () => {
    const { machine, call, text, base } = makeMap();
    for (const one of ["a", "b"]) writePlace(machine, place("base", fresh), text(one), call);
    const at = (index: number) =>
      show(machine, machine.memory.loadElement(call.heap, base, machine.constants.ofNumber(index)));
    expect([at(0), at(1), at(2)]).toEqual(['"a"', '"b"', "0"]);
  });

  test("in a slot of a slot makes the part that it is in", () => {
    const { machine, call, text, shown } = makeMap();
    const inner = place("base", { slot: "parts" }, { slot: "name" });
    writePlace(machine, inner, text("a"), call);
    expect(shown(inner)).toBe('"a"');
    writePlace(machine, inner, text("b"), call);
    expect(shown(inner)).toBe('"b"');
    expect(isNothing(readPlace(machine, place("base", { slot: "other" }), call))).toBe(true);
  });

  test("as a result is one of those there may be", () => {
    const { machine, call, text } = makeMap();
    writePlace(machine, place("result"), text("a"), call);
    writePlace(machine, place("result"), text("b"), call);
    expect(call.result).toEqual(join(text("a"), text("b")));
  });

  test("that there is one of in the app is read by whoever asks", () => {
    const { machine, call, text, shown } = makeMap();
    const clipboard = place({ static: "clip" });
    const [empty] = readPlace(machine, clipboard, call).objects;
    expect(machine.objects.storeKinds.get(empty!)).toBe("clip");
    writePlace(machine, clipboard, text("a"), call);
    expect(shown(clipboard)).toBe('"a"');
  });
});

describe("marks that are added at a place", () => {
  test("are those of the result, and leave it what it is", () => {
    const { machine, call, text } = makeMap();
    call.result = text("a");
    addMarksAt(machine, place("result"), markedValue(4), call);
    expect(show(machine, call.result)).toBe('"a" of 4');
  });

  test("are in an object, or in its slot or element", () => {
    for (const [one, key] of [
      [place("base"), undefined],
      [place("base", { slot: "text" }), undefined],
      [place("base", any), undefined],
      [place("base", { element: 0 }), "key"],
    ] as const) {
      const { machine, call, base } = makeMap((t) => t(key ?? "other"));
      addMarksAt(machine, one, markedValue(4), call);
      expect(machine.memory.heldMarks(call.heap, base, false).marks, JSON.stringify(one)).toEqual([4]);
    }
  });

  test("are none where there are none", () => {
    const { machine, call } = makeMap();
    const { heap } = call;
    addMarksAt(machine, place("base"), UNKNOWN, call);
    expect(call.heap).toBe(heap);
  });
});

test("elements are copied under their keys, in the place of what was there", () => {
  const { machine, call, text } = makeMap();
  const source = makeObject(machine, call, MAP, "source");
  const put = (one: Value, key: string, value: string) => {
    call.heap = machine.memory.storeElement(call.heap, one, text(key), text(value));
  };
  put(source, "k", "new");
  put(call.base, "k", "old");
  put(call.base, "l", "other");
  const copied = { ...call, arguments: [source] };
  copyElements(machine, place(0, any), place("base", any), copied);
  const at = (key: string) => show(machine, machine.memory.loadElement(copied.heap, call.base, text(key)));
  expect([at("k"), at("l")]).toEqual(['"new"', '"other"']);
  const unknown = { ...copied, arguments: [markedValue(4)] };
  copyElements(machine, place(0, any), place("base", any), unknown);
  expect(machine.memory.loadElement(unknown.heap, call.base, text("m")).marks).toEqual([4]);
});
