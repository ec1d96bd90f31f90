// What facts and rows are known by beside the version, so that those of another build are not used where its code made others.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** What makes and reads facts, and the queries that they are taken under; of the rest of an audit they know nothing. */
const factsCode = `
  export * from "./src/audit-with-facts.js";
  export * from "./src/program/index.js";
`;

/** What makes an app's rows. */
const auditCode = `export * from "./src/batch/audit-app.js";`;

/**
 * SHA-256, in hexadecimal, of the code below a folder's `src` that decides what facts hold: all that is reached from
 * what makes them, bundled, so that neither comments nor what is never called count.
 */
export function digestFactsCode(root) {
  return digest(root, factsCode, ["./audit.js"]);
}

/**
 * The same of the code that makes rows, and of Android's classes and the rules of flows, which it reads: those of other code
 * are not carried over.
 */
export function digestAuditCode(root) {
  const flows = readdirSync(join(root, "rules/flows")).sort();
  const read = ["rules/android-classes.tsv", ...flows.map((name) => join("rules/flows", name))];
  return digest(root, auditCode, [], Buffer.concat(read.map((path) => readFileSync(join(root, path)))));
}

async function digest(root, entry, external, data = "") {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root },
    write: false,
    bundle: true,
    packages: "external",
    external,
    format: "esm",
    platform: "node",
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
  });
  return createHash("sha256").update(outputFiles[0].text).update(data).digest("hex");
}
