import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/findings/index.js";
import {
  type Database,
  folderFiles,
  openDatabase,
  openStore,
  type Question,
  type QuestionName,
  questions,
  type Row,
  readTable,
  resultRows,
} from "../../src/store/index.js";
import { auditProgram } from "../programs/audit-programs.js";
import { readPrograms } from "../programs/read-program.js";
import { evaluation } from "./tiny-rows.js";

/** Programs of fixtures/programs, whose authors say what flows in them. */
const names = [
  "third-party/hashed",
  "third-party/init-on-boot",
  "third-party/init-on-click",
  "third-party/kotlin-default",
  "third-party/log-event",
  "third-party/log-two-events",
  "third-party/passed-on",
  "third-party/self-collected-left-out",
  "lifecycle/provider-order",
];

let root: string;
let database: Database;
const results = new Map<string, AuditResult>();
const apps = new Map<string, string>();
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "bycatch-flow-tables-"));
  const store = await openStore(folderFiles(root), { ...evaluation, depth: "flows" });
  const programs = readPrograms().filter(({ name }) => names.includes(name));
  const rows = await Promise.all(
    programs.map(async (program) => {
      const bytes = readFileSync(program.apk);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const result = await auditProgram(program);
      results.set(program.name, result);
      apps.set(program.name, sha256);
      return resultRows({ sha256, path: `${program.name}.apk`, size: bytes.length }, result);
    }),
  );
  await store.writePart(rows);
  database = await openDatabase(root);
});
afterAll(() => {
  database.close();
  rmSync(root, { recursive: true });
});

const ask = (name: QuestionName, options: Partial<Parameters<Question["sql"]>[0]> = {}) =>
  database.query((questions[name] as Question).sql({ values: [], ...options }));
const rowsOf = (table: string, name: string) =>
  database.query(`FROM ${table} WHERE app = '${apps.get(name)}'`);

test("all programs are there", () => expect([...results.keys()].sort()).toEqual([...names].sort()));

test.each(["flows", "hand_overs"])("%s: DuckDB reads what another reader of Parquet reads", async (name) => {
  const files = folderFiles(root);
  const rows: Row[] = [];
  for (const path of await files.list(name)) rows.push(...(await readTable((await files.read(path))!)));
  expect(await database.query(`FROM ${name}`)).toEqual(rows);
  expect(rows.length).toBeGreaterThan(3);
});

describe("flows", () => {
  test.each(names)("%s: a row is what the report says of a flow, in its words", async (name) => {
    const { flows = [] } = results.get(name)!;
    const rows = await rowsOf("flows", name);
    const forms = ["partial", "encoded", "encrypted", "hashed", "assumed"] as const;
    expect(
      rows.map((row) => ({
        ...{ id: row.flow, dataType: row.data_type, yields: row.yields, kind: row.kind },
        ...Object.fromEntries(forms.flatMap((form) => (row[form] === true ? [[form, true]] : []))),
        ...{ confidence: row.confidence, limits: row.limits, path: row.path, steps: row.steps },
        source: [row.source_party, row.source_api, row.source_caller],
        sink: [row.sink_party, row.sink_api, row.sink_caller, row.sink_kind, row.hosts],
      })),
    ).toEqual(
      flows.map(({ source, sink, omitted = 0, ...flow }) => ({
        ...flow,
        steps: flow.path.length + omitted,
        source: [source.party, source.api, source.caller],
        sink: [sink.party, sink.api, sink.caller, sink.kind, sink.hosts ?? []],
      })),
    );
  });

  test.each([
    ["third-party/init-on-boot", true],
    ["third-party/init-on-click", false],
    ["lifecycle/provider-order", true],
  ])("%s: whether the value is read before consent is %s", async (name, early) => {
    const rows = await rowsOf("flows", name);
    expect(new Set(rows.map(({ before_consent }) => before_consent))).toEqual(new Set([early]));
  });

  test("of a method that is not the one that the report's chain ends in nothing is said", () => {
    const result = results.get("third-party/init-on-boot")!;
    const flows = result.flows!.map((flow) => ({
      ...flow,
      source: { ...flow.source, caller: "Lcom/brinewave/ads/Reader;->other()V" },
    }));
    const rows = resultRows({ sha256: "00", path: "x", size: 1 }, { ...result, flows });
    expect(rows.flows.map(({ before_consent }) => before_consent)).toEqual([null, null]);
    const withoutReach = result.accesses.map(({ reach: _, ...access }) => access);
    const none = resultRows({ sha256: "00", path: "x", size: 1 }, { ...result, accesses: withoutReach });
    expect(none.flows.map(({ before_consent }) => before_consent)).toEqual([null, null]);
  });

  test("which data goes from whom to whom, where, in how many apps", async () => {
    const answer = await ask("flows");
    expect(answer.map(({ of_apps }) => of_apps)).toEqual(answer.map(() => names.length));
    expect(
      answer.map((row) => [
        ...[row.data_type, row.kind, row.source_party, row.sink_party, row.sink_kind, row.host],
        ...[row.apps, row.plain, row.before_consent],
      ]),
    ).toEqual([
      [
        ...["device-or-other-ids", "self-collected", "brinewave-ads", "brinewave-ads"],
        ...["network", "bid.brinewave.example", 2, 2, 1],
      ],
      [
        ...["device-or-other-ids", "passed-on", "brinewave-ads", "ebbmark-analytics"],
        ...["network", "collect.ebbmark.example", 1, 1, 0],
      ],
      [
        ...["device-or-other-ids", "handed-over", "first-party", "ebbmark-analytics"],
        ...["network", "collect.ebbmark.example", 1, 1, 0],
      ],
      [
        ...["device-or-other-ids", "handed-over", "first-party", "fathomline-sdk"],
        ...["network", "in.fathomline.example", 1, 1, 0],
      ],
      [...["device-or-other-ids", "first-party", "first-party", "first-party", "log", null, 1, 1, 1]],
      [
        ...["email-address", "handed-over", "first-party", "ebbmark-analytics"],
        ...["network", "collect.ebbmark.example", 1, 0, 0],
      ],
    ]);
    expect(await ask("flows", { values: ["email-address"] })).toMatchObject([
      { data_type: "email-address", likely: 1 },
    ]);
    expect(await ask("flows", { values: ["contacts"] })).toEqual([]);
    expect(await ask("flows", { values: ["x' OR true --"] })).toEqual([]);
  });

  test("by app, each", async () => {
    const all = [...results.values()].flatMap(({ flows = [] }) => flows.map(({ id }) => id));
    const answer = await ask("flows", { apps: true });
    expect(answer.map(({ flow }) => flow).sort()).toEqual(all.sort());
    expect(await ask("flows", { apps: true, values: ["email-address"] })).toMatchObject([
      { hashed: true, hosts: ["collect.ebbmark.example"], path: "third-party/hashed.apk" },
    ]);
  });

  test("what yields nothing in the app counts for nothing", async () => {
    const place = join(root, "nothing");
    const result = results.get("third-party/log-event")!;
    const limits = [{ kind: "permission-missing", leaves: "nothing", message: "" }] as const;
    const flows = result.flows!.map((flow) => ({ ...flow, limits }));
    const store = await openStore(folderFiles(place), { ...evaluation, depth: "flows" });
    await store.writePart([resultRows({ sha256: "00", path: "x", size: 1 }, { ...result, flows })]);
    const opened = await openDatabase(place);
    expect(await opened.query("SELECT yields_nothing FROM flows")).toEqual([{ yields_nothing: true }]);
    for (const apps of [true, false])
      expect(await opened.query(questions.flows.sql({ values: [], apps }))).toEqual([]);
    opened.close();
  });

  test("code whose data goes somewhere is of the rung flows", async () => {
    const answer = await ask("who-reads", { values: ["device-or-other-ids"], apps: true });
    const told = answer.map(({ path, party, rung }) => `${path} ${party} ${rung}`);
    const expected = [...results].flatMap(([name, { findings }]) =>
      findings
        .filter(({ kind, dataType }) => kind === "data-access" && dataType === "device-or-other-ids")
        .map(({ party, rung }) => `${name}.apk ${party} ${rung}`),
    );
    expect(told.filter((line) => !line.includes(" first-party ")).sort()).toEqual(expected.sort());
    expect(told).toContain("third-party/init-on-boot.apk brinewave-ads flows");
    expect(told).toContain("third-party/self-collected-left-out.apk ebbmark-analytics reachable");
    expect(told).toContain("third-party/log-event.apk first-party flows");
  });
});

describe("hand-overs", () => {
  test.each(names)("%s: a row is what the report says of a hand-over", async (name) => {
    const rows = await rowsOf("hand_overs", name);
    expect(rows).toEqual(
      (results.get(name)!.handOvers ?? []).map((handOver) => ({
        app: apps.get(name),
        party: handOver.party,
        api: handOver.api,
        caller: handOver.caller,
        confidence: handOver.confidence,
        call_sites: handOver.callSites,
        data_types: handOver.dataTypes,
        passes: handOver.passes ?? null,
        events: handOver.events,
        properties: handOver.properties,
        evidence: handOver.evidence,
      })),
    );
  });

  test("what is given to whom, in how many apps, and whether the value was seen to be read", async () => {
    const answer = await ask("hand-overs");
    expect(
      answer.map(({ party, what, item, apps, passed, methods }) => [
        party,
        what,
        item,
        apps,
        passed,
        methods,
      ]),
    ).toEqual([
      ["ebbmark-analytics", "data", "app-interactions", 2, 0, 1],
      ["ebbmark-analytics", "data", "device-or-other-ids", 1, 1, 1],
      ["ebbmark-analytics", "data", "email-address", 1, 1, 1],
      ["ebbmark-analytics", "data", "user-ids", 1, 0, 1],
      ["ebbmark-analytics", "event", "purchase", 1, null, 1],
      ["ebbmark-analytics", "event", "tutorial_begin", 1, null, 1],
      ["ebbmark-analytics", "event", "tutorial_complete", 1, null, 1],
      ["fathomline-sdk", "data", "app-interactions", 1, 0, 1],
      ["fathomline-sdk", "data", "device-or-other-ids", 1, 1, 1],
      ["fathomline-sdk", "data", "user-ids", 1, 0, 1],
      ["fathomline-sdk", "event", "login", 1, null, 1],
    ]);
    const ofOne = await ask("hand-overs", { values: ["fathomline-sdk"] });
    expect(ofOne.map(({ item }) => item)).toEqual([
      "app-interactions",
      "device-or-other-ids",
      "user-ids",
      "login",
    ]);
    expect(await ask("hand-overs", { values: ["x' OR true --"] })).toEqual([]);
  });

  test("by app, each with the method that calls", async () => {
    const answer = await ask("hand-overs", { apps: true, values: ["ebbmark-analytics"] });
    expect(answer.filter(({ path }) => path === "third-party/hashed.apk")).toMatchObject([
      { what: "data", item: "email-address", passed: true, caller: expect.stringContaining("->") },
      { what: "data", item: "user-ids", passed: false },
    ]);
  });
});
