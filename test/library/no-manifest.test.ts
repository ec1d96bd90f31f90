import { expect, test } from "vitest";
import { type AuditResult, audit } from "../../src/index.js";
import { renderTerminal } from "../../src/report/index.js";
import { renderMarkdown } from "../../src/report/result-formats.js";
import { buildApp } from "../support/app-builder.js";
import { readFixtureEntries } from "../support/fixture-apps.js";

const dexFiles = readFixtureEntries("tracker").flatMap(({ name, content }) =>
  name.endsWith(".dex") ? [content] : [],
);
const auditTo = (depth: AuditResult["depth"]) =>
  audit({ name: "app.apk", bytes: buildApp({ dexFiles }) }, { depth });

test.each([
  ["reachable", "What can run was not looked for: without a readable manifest"],
  ["flows", "What can run was not looked for, nor where data goes: without a readable manifest"],
] as const)("without a manifest %s cannot be given, and that is said", async (depth, said) => {
  const result = await auditTo(depth);
  expect(result.diagnostics.map(({ effect, code, part }) => [effect, code, part])).toEqual([
    ["unread", "missing-part", "AndroidManifest.xml"],
    ["unread", "missing-part", "call graph"],
  ]);
  expect(result.diagnostics[1]!.message.includes("where data goes")).toBe(depth === "flows");
  expect(result.coverage.unread).toEqual(["AndroidManifest.xml", "call graph"]);
  expect([result.flows, result.flowCoverage]).toEqual([undefined, undefined]);
  for (const page of [
    renderTerminal(result, { color: false, width: 300, detail: "normal" }),
    renderTerminal(result, { color: false, width: 300, detail: "summary" }),
    renderMarkdown(result),
  ])
    expect(page).toContain(said);
  // That no calls lead there is not said where none were followed.
  expect(renderMarkdown(result)).toContain(
    "referenced: the code contains the call; whether it runs is not said.",
  );
});

test("what was not asked for is not missed", async () => {
  const result = await auditTo("referenced");
  expect(result.coverage.unread).toEqual(["AndroidManifest.xml"]);
  expect(renderMarkdown(result)).not.toContain("What can run");
});
