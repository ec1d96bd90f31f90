import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { renderCsvHeader, renderCsvRows } from "../../src/report/result-formats.js";
import { verdictRenderers } from "../../src/report/verdict-formats.js";
import { poison } from "../support/hostile-text.js";
import { access, buildResult, missingPermission, party, permitted, says } from "../support/result-builder.js";
import { following } from "./example-flows.js";
import { incomplete, reaching, speedTest } from "./example-results.js";
import { failed, passed } from "./example-verdicts.js";

type Row = Record<string, string>;
const read = (csv: string): Row[] => parse(csv, { columns: true, record_delimiter: "\r\n" });
const rowsOf = (result: AuditResult) => read(renderCsvHeader() + renderCsvRows(result));

describe("CSV of results", () => {
  test("what can run says from where, and whether before consent", () => {
    const row = (result: AuditResult, dataType: string) =>
      rowsOf(result).find((one) => one.party === "harbor-ads" && one.data_type === dataType)!;
    expect(row(reaching(), "precise-location")).toMatchObject({
      rung: "reachable",
      component: "com.example.speedtest.Main",
      component_kind: "activity",
      before_consent: "yes",
    });
    expect(row(reaching(), "installed-apps")).toMatchObject({ rung: "reachable", before_consent: "no" });
    expect(row(speedTest(), "precise-location")).toMatchObject({
      rung: "referenced",
      component: "",
      before_consent: "",
    });
  });

  test("what flows says from whom by whom to where; what is handed over by which methods", () => {
    const rows = rowsOf(following());
    const row = (owner: string, dataType: string) =>
      rows.find((one) => one.party === owner && one.data_type === dataType)!;
    expect(row("harbor-ads", "device-or-other-ids")).toMatchObject({
      rung: "flows",
      flows: "1",
      flow_kinds: "self-collected",
      read_by: "harbor-ads",
      leaves_by: "harbor-ads",
      sink_kinds: "network",
      sink_hosts: "bid.harbor.example; unknown",
      flow_forms: "hashed",
      flow_confidence: "likely",
      flow_leaves_data: "yes",
      handed_over_calls: "0",
      hand_over_finding: "",
    });
    // It reads none itself: the app's own code gives it.
    expect(row("plankton", "precise-location")).toMatchObject({
      rung: "permitted",
      flows: "1",
      flow_kinds: "handed-over",
      read_by: "first-party",
      leaves_by: "plankton",
      sink_hosts: "in.plankton.example",
      handed_over_calls: "1",
      handed_over_methods: "com.plankton.Plankton.setPlace",
      hand_over_finding: "data-hand-over/plankton/precise-location",
    });
    expect(row("plankton", "app-interactions")).toMatchObject({
      rung: "",
      flows: "0",
      flow_kinds: "",
      flow_leaves_data: "",
      handed_over_calls: "2",
      handed_over_names: "login; purchase; plan",
    });
    expect(row("plankton", "device-or-other-ids")).toMatchObject({ flows: "1", flow_leaves_data: "no" });
    expect(row("first-party", "precise-location")).toMatchObject({
      rung: "flows",
      flows: "2",
      flow_kinds: "first-party; handed-over",
      sink_kinds: "log; network",
    });
    expect(row("mast", "installed-apps")).toMatchObject({ party: "mast", read_by: "harbor-ads" });
  });

  test("of what was not looked for the cells are empty; columns that were there are where they were", () => {
    const [row] = rowsOf(speedTest());
    expect(row).toMatchObject({ flows: "", flow_kinds: "", handed_over_calls: "0" });
    const [permittedRow] = rowsOf({ ...speedTest(), depth: "permitted" });
    expect(permittedRow!.handed_over_calls).toBe("");
    const names = renderCsvHeader().trim().split(",");
    expect(names.indexOf("vendor_page")).toBe(28);
    expect(names.indexOf("flows")).toBe(29);
  });

  test("names of events that have no data type stand in a row of their own", () => {
    const [one] = following().handOvers!;
    const rows = rowsOf({ ...following(), handOvers: [{ ...one!, dataTypes: [] }] });
    const own = rows.filter((row) => row.party === "plankton" && row.data_type === "");
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ handed_over_names: "login; purchase; plan" });
  });

  test("a row for each party and data type, observed or documented, and one for a party without", () => {
    const rows = rowsOf(
      buildResult({
        parties: [
          party("acme", "Acme, Inc.", {
            version: "1.0",
            vendor: { id: "acme", name: "Acme", parent: { id: "big", name: "Big" }, country: "US" },
            category: "analytics",
            practices: [
              says("contacts", "https://a.example", { collected: false }),
              says("photos", "https://a.example", { shared: true }),
            ],
          }),
          party("none", "None"),
          party("first-party", "com.example.app", { kind: "first-party" }),
        ],
        accesses: [
          access("acme", "contacts", "La/Api;->read()V", "Lcom/acme/Sdk;->a()V", {
            callSites: 3,
            limits: [missingPermission("P")],
          }),
          access("first-party", "contacts", "La/Api;->read()V", "Lx;->y()V", {
            confidence: "possible",
            limits: [missingPermission("P")],
          }),
          access("first-party", "contacts", "La/Api;->list()V", "Lx;->z()V", { callSites: 2 }),
        ],
        findings: [permitted("acme", "files-and-docs", "android.permission.READ")],
      }),
    );
    const some = rows.map(
      ({
        party,
        data_type,
        rung,
        leaves_data,
        call_sites,
        caller,
        vendor_says_collected,
        vendor_says_shared,
        finding,
      }) => [
        party,
        data_type,
        rung,
        leaves_data,
        call_sites,
        caller,
        vendor_says_collected,
        vendor_says_shared,
        finding,
      ],
    );
    expect(some).toEqual([
      [
        "acme",
        "contacts",
        "referenced",
        "no",
        "3",
        "Lcom/acme/Sdk;->a()V",
        "no",
        "",
        "data-access/acme/contacts",
      ],
      ["acme", "files-and-docs", "permitted", "yes", "0", "", "", "", "data-access/acme/files-and-docs"],
      ["acme", "photos", "", "", "", "", "yes", "yes", ""],
      ["none", "", "", "", "", "", "", "", ""],
      ["first-party", "contacts", "referenced", "yes", "3", "Lx;->z()V", "", "", ""],
    ]);
    expect(rows[0]).toMatchObject({
      file: "app.apk",
      package: "com.example.app",
      app_version: "1.0",
      party_name: "Acme, Inc.",
      party_kind: "sdk",
      party_version: "1.0",
      vendor: "Acme",
      company: "Big",
      country: "US",
      category: "analytics",
      limits: "Without P, which the app does not request, it yields nothing.",
      entry: "classes.dex",
      code_unit: "18",
    });
  });

  test.each([speedTest, following, incomplete])(
    "%o: every party is in it, and every finding of an access",
    (example) => {
      const result = example();
      const rows = rowsOf(result);
      expect([...new Set(rows.map(({ party }) => party))]).toEqual(result.parties.map(({ id }) => id));
      const findings = result.findings.filter(({ kind }) => kind === "data-access").map(({ id }) => id);
      expect(
        rows
          .map(({ finding }) => finding)
          .filter(Boolean)
          .sort(),
      ).toEqual(findings.sort());
    },
  );

  test("ends lines as RFC 4180 says, and no cell is a formula, a line of its own or a control", () => {
    const csv = renderCsvHeader() + renderCsvRows(poison(following()));
    expect(csv.replaceAll("\r\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(read(csv)).toHaveLength(rowsOf(following()).length);
    for (const text of ["=1+1", "+1", "-1", "@x", "\t=1", "＝1"]) {
      const [row] = rowsOf(buildResult({ parties: [party("x", text)] }));
      expect(row!.party_name).toMatch(/^(?:'|\\t)/);
    }
  });
});

describe("CSV of verdicts", () => {
  test("a row for each problem, those that were agreed to last", () => {
    const rows = read(verdictRenderers.csv(failed()));
    expect(
      rows.map(({ check, severity, excepted, problem }) => `${check} ${severity} ${excepted} ${problem}`),
    ).toEqual([
      "no-data-broker error no no-data-broker/third-party/harbor-ads",
      "no-location error no no-location/harbor-ads/precise-location",
      "no-contacts error no no-contacts/buoy/contacts",
      "known-owners warning no known-owners/x",
      "lockfile error no lockfile/permission/android.permission.READ_CONTACTS",
      "lockfile error no lockfile/third-party/plankton",
      "lockfile note no lockfile/host/mast/old.mast.example",
      "no-location error yes no-location/plankton/approximate-location",
    ]);
    expect(rows[5]).toMatchObject({
      before: "third-party plankton 20.0.0",
      after: "third-party plankton 21.0.0",
    });
    expect(rows[7]).toMatchObject({
      because: "Needed for the map",
      owner: "'@maps-team",
      until: "2027-01-31",
      policy_file: "bycatch.policy.yaml",
      policy_line: "12",
    });
  });

  test("of a verdict without problems, the header", () => {
    const clean = { ...passed(), checks: passed().checks.map((check) => ({ ...check, problems: [] })) };
    expect(verdictRenderers.csv(clean).split("\r\n")).toHaveLength(2);
  });

  test("hostile text stays in its cell", () => {
    const csv = verdictRenderers.csv(poison(failed()));
    expect(read(csv)).toHaveLength(8);
    expect(csv.replaceAll("\r\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});
