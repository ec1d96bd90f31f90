import { createHash } from "node:crypto";
import { prepareRules } from "../../src/audit.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import {
  type Evaluation,
  failureRows,
  folderFiles,
  openStore,
  type Rows,
  resultRows,
  type Store,
} from "../../src/store/index.js";
import { auditBytes, readFixtureApp } from "../support/fixture-apps.js";

const compiled = loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url));
const rules = prepareRules(compiled);

/** What the apps of {@link writeFixtureStore} are judged by. */
export const fixtureEvaluation: Evaluation = {
  tool: "0.0.1",
  rulesVersion: compiled.header.rulesVersion,
  depth: "referenced",
  firstParty: [],
};

/** Apps of fixtures/apps with much in them. */
const APPS = [
  "tracker",
  "lookalikes",
  "renamed-sdk",
  "permissions",
  "mediation-adapter",
  "advertising-id-client",
  "no-third-parties",
  "multi-dex",
];

/** The rows of an app's bytes, or of what is made of their result. */
export async function auditedRows(
  name: string,
  bytes: Uint8Array,
  alter = (result: AuditResult) => result,
): Promise<Rows> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const result = alter(await auditBytes(`${name}.apk`, bytes, rules));
  return resultRows({ sha256, path: `${name}.apk`, size: bytes.length }, result);
}

/** Makes a store of fixture apps in a folder: two parts, with an app that failed and a file that could not be read. */
export async function writeFixtureStore(folder: string): Promise<Store> {
  const store = await openStore(folderFiles(folder), fixtureEvaluation);
  const apps: Rows[] = [];
  for (const name of APPS) apps.push(await auditedRows(name, readFixtureApp(name)));
  await store.writePart(apps.slice(0, 5));
  await store.writePart([
    ...apps.slice(5),
    failureRows(
      { sha256: "ff".repeat(32), path: "slow.apk", size: 7 },
      { reason: "timeout", message: "it took longer than 1 s" },
    ),
    failureRows(
      { sha256: undefined, path: "locked.apk", size: undefined },
      { reason: "unreadable", message: "permission denied" },
    ),
  ]);
  return store;
}
