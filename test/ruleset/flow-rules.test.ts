import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../src/diagnostics/index.js";
import { compileFlowRules } from "../../src/ruleset/compile-flow-rules.js";
import {
  joinFlowRules,
  parseCompiledFlowRules,
  renderCompiledFlowRules,
} from "../../src/ruleset/compiled-flow-rules.js";
import { lintRules } from "../../src/ruleset/lint-rules.js";
import { loadFlowRules } from "../../src/ruleset/load-ruleset.js";
import { parsePlace, parseRun } from "../../src/ruleset/parse-flow-text.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import { apiRule, compileTinyRules, dataTypes } from "../support/tiny-rules.js";

function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
  throw new Error("nothing was thrown");
}

const place = (path: string, text: string) => ({ path, text, file: parseRuleFile(text, path) });
const compile = (text: string) => joinFlowRules(compileFlowRules([place("f.yaml", text)]));
const rule = (models: string, sources = "") => `id: f\nname: Flows\nmodels:\n${models}${sources}`;

test("a model is parsed to plain data, what it does not say being empty", () => {
  const { models, sources } = compile(
    rule(
      `  - method: La/Box;->put(Ljava/lang/String;[I)La/Box;
    creates: true
    moves: ["base[$0] -> result", "1 -> base[+]"]
    derives: ["0 -> base.text partial hashed", "store(files, $0) -> 1[*]"]
    computes: append
    runs: ["later base.target.onDone(0, ?) -> base.outcome"]
    cancels: [0]
    clears: ["base[*]"]
    sends: [{ intent: base.intent, to: activity, result: true }]
    sinks:
      - { kind: network, takes: [0, "base.text"], where: base.peer, host: base.peer }
      - { kind: other-app, takes: [base], where: leaves-app }
    reflects: invoke
  - method: La/Box;->size(*)*
`,
      `sources:
  - { method: "La/Box;->ask()V", yields: [] }
  - { override: "La/Listener;->told(I)V", yields: [0], of: location }
  - { field: "La/Box;->URI:La/Uri;", yields: [result] }
`,
    ),
  );
  const at = (root: unknown, ...path: unknown[]) => ({ root, path });
  expect(models[0]).toEqual({
    method: { owner: "La/Box;", name: "put", parameters: ["Ljava/lang/String;", "[I"], returns: "La/Box;" },
    creates: true,
    returnsItself: false,
    moves: [
      { from: at("base", { element: 0 }), to: at("result") },
      { from: at(1), to: at("base", { element: "new" }) },
    ],
    derives: [
      { from: at(0), to: at("base", { slot: "text" }), forms: 9 },
      { from: at({ store: "files", key: 0 }), to: at(1, { element: "any" }), forms: 0 },
    ],
    computes: "append",
    runs: [
      {
        when: "later",
        object: at("base", { slot: "target" }),
        method: "onDone",
        arguments: [at(0), at("unknown")],
        result: at("base", { slot: "outcome" }),
      },
    ],
    cancels: [at(0)],
    clears: [at("base", { element: "any" })],
    sends: [{ intent: at("base", { slot: "intent" }), to: "activity", result: true }],
    sinks: [
      {
        kind: "network",
        takes: [at(0), at("base", { slot: "text" })],
        where: at("base", { slot: "peer" }),
        host: at("base", { slot: "peer" }),
      },
      { kind: "other-app", takes: [at("base")], where: "leaves-app" },
    ],
    reflects: "invoke",
  });
  expect(models[1]).toEqual({
    method: { owner: "La/Box;", name: "size" },
    creates: false,
    returnsItself: false,
    moves: [],
    derives: [],
    runs: [],
    cancels: [],
    clears: [],
    sends: [],
    sinks: [],
  });
  expect(sources).toEqual([
    { kind: "method", pattern: { owner: "La/Box;", name: "ask", parameters: [], returns: "V" }, yields: [] },
    {
      kind: "override",
      pattern: { owner: "La/Listener;", name: "told", parameters: ["I"], returns: "V" },
      yields: [at(0)],
      of: "location",
    },
    {
      kind: "field",
      pattern: { owner: "La/Box;", name: "URI", type: "La/Uri;" },
      yields: [at("result")],
    },
  ]);
});

test.each([
  ["base", { root: "base", path: [] }],
  ["12.a.b[$3][*]", { root: 12, path: [{ slot: "a" }, { slot: "b" }, { element: 3 }, { element: "any" }] }],
  ["result[+].value", { root: "result", path: [{ element: "new" }, { slot: "value" }] }],
  ["store(files, $2).content", { root: { store: "files", key: 2 }, path: [{ slot: "content" }] }],
  ["static(cookies)[$0]", { root: { static: "cookies" }, path: [{ element: 0 }] }],
])("the place %s", (text, expected) => {
  expect(parsePlace(text)).toEqual(expected);
});

test.each([
  ["now store(provider, $0).query(0, store(files, $1)) -> result", "query", 2],
  ["often 0.*()", "*", 0],
  ["soon base.run(ILjava/lang/String;)V(0, ?)", "run(ILjava/lang/String;)V", 2],
])("the run %s", (text, method, count) => {
  const run = parseRun(text);
  expect(run.method).toBe(method);
  expect(run.arguments).toHaveLength(count);
});

describe("what is wrong is told with file, line and column", () => {
  const SOUND = rule(`  - method: La/Box;->put(ILa/Key;)V
    moves: ["0 -> base[$1]"]
    runs: ["now 1.run(0)"]
    sinks: [{ kind: log, takes: [0] }]
`);
  test("where nothing is, nothing is told", () => {
    expect(compile(SOUND).models).toHaveLength(1);
  });
  test.each<[string, [string, string], RegExp]>([
    ["a method", ["->put(", ".put("], /^f\.yaml:4:13: models\.0\.method: a method is in smali form/],
    ["a type", ["(ILa/Key;)", "(ILa/Key)"], /^f\.yaml:4:13: models\.0\.method: /],
    ["no place", ["0 -> base", "this -> base"], /^f\.yaml:5:13: models\.0\.moves\.0: `this` is no place/],
    ["no step", ["base[$1]", "base[1]"], /^f\.yaml:5:13: .*`\[1\]` of `base\[1\]` is no step/],
    ["no move", ["0 -> base[$1]", "0, base"], /^f\.yaml:5:13: .*a move is written `from -> to`/],
    ["a target that is nowhere", ["base[$1]", "?"], /^f\.yaml:5:13: .*nothing moves to \?/],
    ["a new element that is read", ["0 -> base[$1]", "base[+] -> base"], /^f\.yaml:5:13: .*\[\+\] is a new/],
    [
      "an argument too many",
      ["0 -> base[$1]", "2 -> base"],
      /^f\.yaml:5:13: .*there is no argument 2: put has 2/,
    ],
    ["a key too many", ["[$1]", "[$2]"], /^f\.yaml:5:13: .*there is no argument 2/],
    [
      "a result of nothing",
      ["base[$1]", "result"],
      /^f\.yaml:5:13: .*there is no result: put returns nothing/,
    ],
    ["a time", ["now 1", "soonest 1"], /^f\.yaml:6:12: models\.0\.runs\.0: `soonest` is no time/],
    ["no run", ["now 1.run(0)", "now 1.run"], /^f\.yaml:6:12: .*a run is written/],
    ["an argument of a run", ["run(0)", "run(7)"], /^f\.yaml:6:12: .*there is no argument 7/],
    ["a kind of sink", ["kind: log", "kind: radio"], /^f\.yaml:7:21: models\.0\.sinks\.0\.kind: .*"network"/],
    ["a sink's argument", ["takes: [0]", "takes: [4]"], /^f\.yaml:7:33: .*there is no argument 4/],
    ["a key", ["    runs:", "    run:"], /^f\.yaml:4:5: .*Unrecognized key: "run"/],
  ])("%s", (_what, [sound, broken], expected) => {
    expect(SOUND).toContain(sound);
    expect(complaint(() => parseRuleFile(SOUND.replace(sound, broken), "f.yaml"))).toMatch(expected);
  });

  test("a form that there is not", () => {
    const text = rule(`  - { method: "La/B;->c(I)I", derives: ["0 -> result scrambled"] }\n`);
    expect(complaint(() => parseRuleFile(text, "f.yaml"))).toMatch(
      /^f\.yaml:4:41: .*`scrambled` is no form: there are partial, encoded, encrypted, hashed/,
    );
  });

  test("two models of one method, in any two files", () => {
    const one = place("one.yaml", rule(`  - method: La/B;->c()V\n`));
    const two = place("two.yaml", rule(`  - method: La/B;->d()V\n  - method: La/B;->c()V\n`));
    expect(complaint(() => compileFlowRules([one, two]))).toMatch(
      /^two\.yaml:5: `La\/B;->c\(\)V` has two models/,
    );
    const problems = lintRules([
      one,
      place("g.yaml", rule(`  - method: La/B;->c()V\n`).replace("id: f", "id: g")),
    ]).map(({ problem }) => problem);
    expect(problems).toContain("`La/B;->c()V` has two models");
  });

  test("data of a rule that there is not", () => {
    const source = `sources:\n  - { override: "La/B;->told(I)V", yields: [0], of: imei }\n`;
    const files = {
      "f.yaml": rule(`  - method: La/B;->c()V\n`, source),
      "data-types.yaml": dataTypes("ids"),
    };
    expect(complaint(() => compileTinyRules(files))).toMatch(
      /f\.yaml.*there is no rule `imei` of sensitive APIs/,
    );
    const api = apiRule("imei", "ids", `  - { method: "La/B;->c()V" }\n`);
    expect(compileTinyRules({ ...files, "imei.yaml": api }).apis).toHaveLength(1);
  });
});

test("what ships is written without what no model says, and read as it was", () => {
  const compiled = compileFlowRules([
    place("f.yaml", rule(`  - method: La/B;->c()La/B;\n    creates: true\n  - method: La/B;->d()V\n`)),
  ]);
  const text = renderCompiledFlowRules(compiled);
  expect(text).not.toMatch(/false|"moves"/);
  expect(parseCompiledFlowRules(text)).toEqual(compiled);
});

describe("a folder of rules", () => {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-flows-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is loaded on top of others, a file of the same id replacing theirs", () => {
    mkdirSync(join(folder, "flows"));
    writeFileSync(join(folder, "flows", "f.yaml"), rule(`  - method: La/B;->own()V\n`));
    const shipped = compileFlowRules([
      place("f.yaml", rule(`  - method: La/B;->shipped()V\n`)),
      place("g.yaml", rule(`  - method: La/C;->kept()V\n`).replace("id: f", "id: g")),
    ]);
    const names = loadFlowRules([folder], shipped).models.map(({ method }) => method.name);
    expect(names).toEqual(["own", "kept"]);
  });
});
