import { describe, expect, test } from "vitest";
import { compute, textOf } from "../../src/flow/compute.js";
import { FORMS, formsOfMark, join, markOf, NOTHING, UNKNOWN, type Value } from "../../src/flow/values.js";
import type { FlowComputation } from "../../src/ruleset/index.js";
import { makeCall, makeMachine, makeObject, markedValue, show } from "./make-machine.js";

const STRING = "Ljava/lang/String;";
const MARK = markOf(3, 0);

/** A machine with what tests say of texts. */
function makeTexts() {
  const machine = makeMachine();
  const { constants } = machine;
  const text = (one: string) => constants.ofText(one);
  const beginning = (one: string): Value => ({ ...NOTHING, constants: [constants.numberOfText(one, true)] });
  /** The result of a method of String's. */
  const result = (
    computation: FlowComputation,
    method: string,
    base: Value | undefined,
    ...args: Value[]
  ) => {
    const call = makeCall(machine, `${STRING}->${method}`, base, ...args);
    compute(machine, computation, call);
    return call.result!;
  };
  const concat = (left: Value, right: Value) => result("concat", `concat(${STRING})${STRING}`, left, right);
  return {
    machine,
    constants,
    text,
    beginning,
    result,
    concat,
    show: (value: Value) => show(machine, value),
  };
}

describe("one text after another", () => {
  test.each<[string, (t: ReturnType<typeof makeTexts>) => Value, string]>([
    ["both known", (t) => t.concat(t.text("https://a.example/"), t.text("x")), '"https://a.example/x"'],
    // So that the host of a URL is known though its path is not.
    ["the second not known", (t) => t.concat(t.text("https://a.example/"), UNKNOWN), '"https://a.example/…"'],
    ["the first not known", (t) => t.concat(UNKNOWN, t.text("x")), "?"],
    ["nothing before what is not known", (t) => t.concat(t.text(""), UNKNOWN), "?"],
    ["after a beginning", (t) => t.concat(t.beginning("https://a"), t.text("x")), '"https://a…"'],
    ["a beginning after", (t) => t.concat(t.text("https://"), t.beginning("a")), '"https://a…"'],
    [
      "each of two after each of two",
      (t) => t.concat(join(t.text("a"), t.text("b")), join(t.text("1"), t.text("2"))),
      '"a1" or "a2" or "b1" or "b2"',
    ],
    [
      "more than are told apart",
      (t) => t.concat(t.text("https://"), ["a1", "a2", "a3", "a4", "a5"].map(t.text).reduce(join, NOTHING)),
      '"https://a…"',
    ],
    [
      "more than are told apart, with nothing in common",
      (t) => t.concat(["a", "b", "c", "d", "e"].map(t.text).reduce(join, NOTHING), t.text("x")),
      "?",
    ],
    [
      "maybe known",
      (t) => t.concat(t.text("a"), join(t.text("b"), UNKNOWN)),
      expect.stringMatching(/^("ab" or )?"a…"$|"ab" or "a…"/),
    ],
  ])("%s", (_, make, expected) => {
    const texts = makeTexts();
    expect(texts.show(make(texts))).toEqual(expected);
  });

  test("keeps the marks of both, with a step for what was added", () => {
    const { machine, text, concat } = makeTexts();
    const value = concat(markedValue(MARK, text("a")), markedValue(markOf(4, 0)));
    expect(show(machine, value)).toBe(`"a…" of ${MARK},${markOf(4, 0)}`);
    expect(value.traces[1]).toMatchObject({ method: 0, codeUnit: 0, previous: { method: 1 } });
  });

  test("is cut at a length, of which the rest is not known", () => {
    const { concat, text, show } = makeTexts();
    const value = show(concat(text("a".repeat(400)), text("b".repeat(400))));
    expect(value).toBe(`"${"a".repeat(400)}${"b".repeat(100)}…"`);
  });
});

describe("a builder", () => {
  const BUILDER = "Ljava/lang/StringBuilder;";

  test("holds what was appended, and is the result", () => {
    const { machine, text, constants } = makeTexts();
    const call = makeCall(machine, `${BUILDER}->append(${STRING})${BUILDER}`, undefined);
    const base = makeObject(machine, call, BUILDER);
    let heap = call.heap;
    for (const one of [text("https://"), text("a.example"), constants.ofNumber(7), markedValue(MARK)]) {
      const step = { ...makeCall(machine, `${BUILDER}->append(${STRING})${BUILDER}`, base, one), heap };
      compute(machine, "append", step);
      expect(step.result).toBe(base);
      heap = step.heap;
    }
    const ask = { ...makeCall(machine, `${BUILDER}->toString()${STRING}`, base), heap };
    compute(machine, "text", ask);
    expect(show(machine, ask.result!)).toBe(`"https://a.example7…" of ${MARK}`);
  });

  test("is emptied, cut, and turned round in itself", () => {
    const { machine, text, constants } = makeTexts();
    const call = makeCall(machine, `${BUILDER}->reverse()${BUILDER}`, undefined);
    const base = makeObject(machine, call, BUILDER);
    const field = machine.objects.fieldOf(".text");
    const changed = (computation: FlowComputation, method: string, ...args: Value[]) => {
      const heap = machine.memory.store(call.heap, base, field, text("abc"));
      const step = { ...makeCall(machine, `${BUILDER}->${method}`, base, ...args), heap };
      compute(machine, computation, step);
      return show(machine, machine.memory.load(step.heap, base, field));
    };
    expect(changed("reverse", `reverse()${BUILDER}`)).toBe('"cba"');
    expect(changed("set-length", "setLength(I)V", constants.zero)).toBe('""');
    expect(changed("set-length", "setLength(I)V", constants.ofNumber(2))).toBe('"ab"');
    expect(changed("set-length", "setLength(I)V", UNKNOWN)).toBe("?");
    expect(changed("insert", `insert(I${STRING})${BUILDER}`, constants.zero, text("x"))).toBe("?");
  });

  test("that nothing was put into is empty", () => {
    const { machine } = makeTexts();
    const call = makeCall(machine, `${BUILDER}->toString()${STRING}`, undefined);
    const base = makeObject(machine, call, BUILDER);
    expect(show(machine, textOf(machine, base, BUILDER, call))).toBe('""');
    const other = makeObject(machine, call, "Lacme/Unknown;");
    expect(show(machine, textOf(machine, other, "Lacme/Unknown;", call))).toBe("?");
  });
});

describe("a text that is changed", () => {
  test.each<[FlowComputation, string, string, string]>([
    ["trim", `trim()${STRING}`, " a ", '"a"'],
    ["lower", `toLowerCase()${STRING}`, "aB", '"ab"'],
    ["upper", `toUpperCase()${STRING}`, "aB", '"AB"'],
  ])("%s", (computation, method, before, after) => {
    const { result, text, beginning, show } = makeTexts();
    expect(show(result(computation, method, text(before)))).toBe(after);
    expect(show(result(computation, method, beginning(before)))).toBe("?");
    expect(show(result(computation, method, markedValue(MARK)))).toBe(`? of ${MARK}`);
  });

  test("a part of it is a part of a source's value", () => {
    const { result, text, constants, show } = makeTexts();
    const part = (base: Value, ...limits: Value[]) =>
      result("substring", `substring(II)${STRING}`, base, ...limits);
    const [one, three] = [constants.one, constants.ofNumber(3)];
    expect(show(part(text("abcde"), one, three))).toBe('"bc"');
    expect(show(part(text("abcde"), three))).toBe('"de"');
    expect(show(part(text("abcde"), one, UNKNOWN))).toBe("?");
    expect(show(part(text("abcde"), constants.either))).toBe("?");
    expect(part(markedValue(MARK), one).marks.map(formsOfMark)).toEqual([FORMS.partial]);
  });

  test("one text for another", () => {
    const { result, text, show } = makeTexts();
    const replace = (base: Value, from: Value, to: Value) =>
      result("replace", `replace(${STRING}${STRING})${STRING}`, base, from, to);
    expect(show(replace(text("a-b-a"), text("a"), text("c")))).toBe('"c-b-c"');
    expect(show(replace(text("a-b"), UNKNOWN, text("c")))).toBe("?");
    // What is put in is in it.
    expect(show(replace(text("a-b"), text("a"), markedValue(MARK)))).toBe(`? of ${MARK}`);
  });

  test.each([
    ["12", "12"],
    ["-3", "-3"],
    ["12345678901", "?"],
    ["x", "?"],
  ])("the number in %s is %s", (from, expected) => {
    const { result, text, show } = makeTexts();
    expect(show(result("number", `parseInt(${STRING})I`, undefined, text(from)))).toBe(expected);
  });
});

describe("a text by a pattern", () => {
  function format(pattern: string | undefined, values: (t: ReturnType<typeof makeTexts>) => Value[]): string {
    const texts = makeTexts();
    const { machine, constants } = texts;
    const call = makeCall(machine, `${STRING}->format(${STRING}[Ljava/lang/Object;)${STRING}`, undefined);
    const array = makeObject(machine, call, "[Ljava/lang/Object;");
    let heap = call.heap;
    for (const [index, value] of values(texts).entries())
      heap = machine.memory.storeElement(heap, array, constants.ofNumber(index), value);
    const args = [pattern === undefined ? UNKNOWN : texts.text(pattern), array];
    const step = { ...call, arguments: args, heap };
    compute(machine, "format", step);
    return texts.show(step.result!);
  }

  test("has its values in order", () => {
    expect(format("https://%s/%s?100%%", ({ text }) => [text("a.example"), text("b")])).toBe(
      '"https://a.example/b?100%"',
    );
  });

  test("begins as it does where a value is not known, whose marks are kept", () => {
    expect(format("https://a.example/%s/x", () => [markedValue(MARK)])).toBe(
      `"https://a.example/…" of ${MARK}`,
    );
    expect(format("https://a.example/%08x", ({ constants }) => [constants.one])).toBe(
      '"https://a.example/…"',
    );
    expect(format("%s.example", () => [UNKNOWN])).toBe("?");
  });

  test("has the value that a position names, again where it says so, and a line's end is none", () => {
    const values = ({ text }: ReturnType<typeof makeTexts>) => [text("a"), text("b"), markedValue(MARK)];
    expect(format("%2$s-%1$s", values)).toBe('"b-a"');
    expect(format("%s-%<s-%s", values)).toBe('"a-a-b"');
    expect(format("%2$s%n%s", values)).toBe('"b\na"');
    expect(format("a=%3$s", values)).toBe(`"a=…" of ${MARK}`);
    expect(format("a=%3$-10S", values)).toBe(`"a=…" of ${MARK}`);
    expect(format("%tY", values)).toBe("?");
    expect(format("100%", values)).toBe('"100%"');
  });

  test("has the marks of what it shows alone; of a pattern that is not known, of all", () => {
    const values = ({ text }: ReturnType<typeof makeTexts>) => [text("a"), markedValue(MARK)];
    expect(format("only %s", values)).toBe('"only a"');
    expect(format(undefined, values)).toBe(`? of ${MARK}`);
  });
});

describe("what is compared", () => {
  const equals = (make: (t: ReturnType<typeof makeTexts>) => [Value, Value]) => {
    const texts = makeTexts();
    const [left, right] = make(texts);
    return texts.show(texts.result("equals", "equals(Ljava/lang/Object;)Z", left, right));
  };

  test("is known where both texts are", () => {
    expect(equals(({ text }) => [text("a"), text("a")])).toBe("1");
    expect(equals(({ text }) => [text("a"), text("b")])).toBe("0");
    expect(equals(({ text }) => [text("a"), join(text("a"), text("b"))])).toBe("0 or 1");
    expect(equals(({ text, beginning }) => [text("a"), beginning("a")])).toBe("0 or 1");
  });

  test("leaves no mark", () => {
    expect(equals(({ text }) => [markedValue(MARK, text("a")), text("a")])).toBe("1");
    expect(equals(({ text }) => [markedValue(MARK), text("a")])).toBe("0 or 1");
  });

  test("empty is only the text without characters", () => {
    const { result, text, show } = makeTexts();
    const isEmpty = (value: Value) => show(result("is-empty", "isEmpty()Z", value));
    expect([text(""), text("a"), UNKNOWN].map(isEmpty)).toEqual(["1", "0", "0 or 1"]);
  });
});

test("the name of the app's package is known", () => {
  const { result, show } = makeTexts();
  expect(show(result("package-name", `getPackageName()${STRING}`, UNKNOWN))).toBe('"com.acme"');
});

test("null, numbers, booleans and characters are shown as Java does", () => {
  const { machine, constants, show } = makeTexts();
  const call = makeCall(machine, `${STRING}->valueOf(I)${STRING}`, undefined);
  const shown = (value: Value, descriptor: string) => show(textOf(machine, value, descriptor, call));
  expect(shown(constants.zero, "Ljava/lang/Object;")).toBe('"null"');
  expect(shown(constants.zero, "I")).toBe('"0"');
  expect(shown(constants.either, "Z")).toBe('"false" or "true"');
  expect(shown(constants.ofNumber(65), "C")).toBe('"A"');
});
