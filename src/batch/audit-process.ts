// The program of a process that audits: started by AuditPool, told what to do over its IPC channel.
import { prepareRules } from "../audit.js";
import { CompiledRules, depthDataOf, loadCompiledRules, shippedDepthData } from "../ruleset/index.js";
import { auditApp } from "./audit-app.js";
import { FactsFolder } from "./facts-folder.js";
import { guardMemory } from "./memory-guard.js";
import type { FromProcess, ProcessSettings, ToProcess } from "./process-messages.js";

/** The bundle stands beside the compiled rules, and beside what deeper audits need. */
const shippedRules = new URL("./rules.jsonl", import.meta.url);

// A terminal and a service manager send these to all processes of a group; the parent decides who ends when.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("disconnect", () => process.exit());
process.once("message", (message: ToProcess) => {
  if (message.kind === "start") serve(message.settings);
});

function serve(settings: ProcessSettings): void {
  const { compiledRules, compiledFlowRules, firstParty, depth, factsFolder } = settings;
  const residentBytes = guardMemory(settings.mebibytes);
  const rules = prepareRules(
    compiledRules === undefined ? loadCompiledRules(shippedRules) : new CompiledRules(compiledRules),
    compiledFlowRules === undefined
      ? shippedDepthData(shippedRules)
      : depthDataOf(compiledFlowRules, shippedRules),
  );
  const facts = factsFolder === undefined ? undefined : new FactsFolder(factsFolder);
  let answer: ((isWanted: boolean) => void) | undefined;
  const isWanted = (sha256: string, size: number) => {
    send({ kind: "digest", sha256, size });
    return new Promise<boolean>((resolve) => {
      answer = resolve;
    });
  };
  process.on("message", async (message: ToProcess) => {
    if (message.kind === "answer") answer?.(message.isWanted);
    if (message.kind !== "audit") return;
    const audited = await auditApp(message.input, { rules, facts, firstParty, depth }, isWanted);
    if (audited !== undefined) send({ kind: "audited", audited, residentBytes: residentBytes() });
  });
  send({ kind: "ready", rulesVersion: rules.index.rulesVersion });
}

function send(message: FromProcess): void {
  // A parent that is gone needs no answer; `disconnect` ends this process.
  process.send?.(message, undefined, undefined, () => undefined);
}
