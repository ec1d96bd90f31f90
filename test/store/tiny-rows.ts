import { createHash } from "node:crypto";
import { failureRows, type Row, type Rows } from "../../src/store/index.js";

/** A digest that a test can name. */
export function digestOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

/** The evaluation of tests that audit nothing. */
export const evaluation = {
  tool: "1.2.3",
  rulesVersion: "abcdef012345",
  depth: "referenced",
  firstParty: [],
} as const;

/** The rows of an invented app with one party, which names one host. */
export function tinyRows(name: string, columns: Row = {}): Rows {
  const app = digestOf(name);
  const none = failedRows(name);
  const party = {
    app,
    party: "acme",
    kind: "sdk",
    name: "Acme",
    vendor: "acme",
    vendor_name: "Acme, Inc.",
    company: "acme",
    company_name: "Acme, Inc.",
    country: null,
    category: "analytics",
    version: null,
    confidence: "certain",
    classes: 1,
    renamed_classes: 0,
    code_units: 10,
    evidence: [],
  };
  return {
    ...none,
    apps: [{ ...none.apps[0], status: "audited", reason: null, message: null, ...columns }],
    parties: [party],
    hosts: [{ app, party: "acme", host: "acme.example", sites: 1, urls: [], evidence: [] }],
  };
}

/** The row of an invented app that failed. */
export function failedRows(name: string): Rows {
  return failureRows(
    { sha256: digestOf(name), path: `${name}.apk`, size: 100 },
    { reason: "timeout", message: "it took longer than 1 s" },
  );
}

/** The row of an invented file that could not be read. */
export function unreadableRows(name: string): Rows {
  return failureRows(
    { sha256: undefined, path: `${name}.apk`, size: undefined },
    { reason: "unreadable", message: "permission denied" },
  );
}
