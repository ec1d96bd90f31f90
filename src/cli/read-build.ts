import { basename } from "node:path";
import type { AuditMapping, AuditRules } from "../audit.js";
import { UsageError } from "../diagnostics/index.js";
import type { Rung } from "../findings/index.js";
import { type ComparedBuild, looksLikeLockfile, parseLockfile, takeInventory } from "../policy/index.js";
import { describeInputFailure, type Failure } from "./describe-failure.js";
import { DEFAULT_DEPTH } from "./options.js";
import { auditNow, looksLikeJson, readHead, refuseDeeper } from "./read-app.js";
import { parseReport, readText } from "./read-report.js";

/**
 * A build, from whatever stands for it: an APK, which is audited, the JSON report of one, or a lockfile. Which of
 * them a file is follows from its content.
 *
 * @throws UsageError for a text that is none of them, and for a lockfile with a mistake
 */
export async function readBuild(
  path: string,
  rules: () => AuditRules,
  options: {
    readonly firstParty: readonly string[];
    readonly names: AuditMapping | undefined;
    /** To which an APK is looked at, as usual unless given; what stands for one must have been made to it. */
    readonly depth?: Rung | undefined;
  },
): Promise<ComparedBuild | Failure> {
  let head: string | undefined;
  try {
    head = readHead(path);
  } catch (error) {
    return describeInputFailure(path, error);
  }
  if (head !== undefined && !looksLikeJson(head, path) && !looksLikeLockfile(head)) {
    const result = await auditNow(path, rules, { ...options, depth: options.depth ?? DEFAULT_DEPTH });
    if ("ending" in result) return result;
    return { source: { kind: "apk", name: basename(path) }, inventory: takeInventory(result), result };
  }
  const text = readText(path);
  if (typeof text !== "string") return text;
  if (looksLikeLockfile(text))
    return { source: { kind: "lockfile", name: basename(path) }, inventory: parseLockfile(text, path) };
  const result = await parseReport(text, path);
  refuseDeeper(options.depth, result, path);
  return { source: { kind: "report", name: basename(path) }, inventory: takeInventory(result), result };
}

/** What bears on the audit of an app says nothing where none is audited. */
export function refuseUnlessApk(flag: string, isGiven: boolean, ...builds: readonly ComparedBuild[]): void {
  if (!isGiven || builds.some(({ source }) => source.kind === "apk")) return;
  const names = builds.map(({ source }) => `${source.name} is a ${source.kind}`).join(", and ");
  throw new UsageError(flag, `${names}, in which that was decided when it was made`, "Name the APK.");
}
