import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UsageError } from "../diagnostics/index.js";
import { Knowledge, suggestSubjects } from "../explain/index.js";
import { displayWidth, ellipsize } from "../report/display-width.js";
import { printable } from "../report/printable-text.js";
import {
  loadCompiledRuleSources,
  loadCompiledRules,
  type PartyRule,
  RuleIndex,
  type RuleSources,
} from "../ruleset/index.js";
import { askWhetherMeant, writeStdout } from "./console.js";
import type { Ending } from "./exit-codes.js";

/** What `bycatch rules list` is told. */
export interface RuleListOptions {
  readonly category?: string;
  /** Id of a vendor, or of a company that owns it. */
  readonly vendor?: string;
  readonly supportLibraries?: boolean;
  readonly format: "terminal" | "json";
}

/** One rule in a list; also the form of `--format json`. */
interface RuleLine {
  readonly id: string;
  readonly kind: PartyRule["kind"];
  readonly name: string;
  readonly category?: string;
  readonly vendor?: string;
  readonly vendorName?: string;
  readonly parent?: string;
  readonly parentName?: string;
  /** How many signatures of each kind. */
  readonly signatures: Readonly<Record<string, number>>;
  readonly versionWays: number;
  readonly switches: number;
  readonly practices: number;
}

/** `bycatch rules list`: the rules that ship, a line each. */
export async function listRules(options: RuleListOptions, shippedRules: URL): Promise<Ending> {
  const index = new RuleIndex(loadCompiledRules(shippedRules));
  const sources = loadCompiledRuleSources(new URL("rule-sources.json", shippedRules));
  const all = index.parties.map((party) => describeRule(party, index, sources));
  refuseUnknown(
    "--category",
    options.category,
    all.map(({ category }) => category),
  );
  refuseUnknown(
    "--vendor",
    options.vendor,
    all.flatMap(({ vendor, parent }) => [vendor, parent]),
  );
  const lines = all.filter(
    ({ kind, category, vendor, parent }) =>
      (options.supportLibraries === true || kind === "sdk") &&
      (options.category === undefined || category === options.category) &&
      (options.vendor === undefined || vendor === options.vendor || parent === options.vendor),
  );
  if (options.format === "json") await writeStdout(`${JSON.stringify(lines, undefined, 2)}\n`);
  else await writeStdout(renderLines(lines));
  return "done";
}

/** `bycatch rules show`: a rule as it is written. */
export async function showRule(id: string, shippedRules: URL, directory: URL): Promise<Ending> {
  const { loadRuleFiles } = await import("../ruleset/load-ruleset.js");
  const placed = loadRuleFiles(fileURLToPath(directory)).filter(
    ({ file }) => "id" in file.rule && file.rule.id === id,
  );
  if (placed.length === 0) throw unknownRule(id, shippedRules);
  for (const { path } of placed) {
    const text = readFileSync(path, "utf8");
    const place = path.slice(fileURLToPath(directory).length).replaceAll("\\", "/");
    await writeStdout(`# rules/${place}\n${text}`);
  }
  return "done";
}

/** What has a rule file of its own id. */
const SHOWN_KINDS = ["sdk", "support-library", "vendor", "api"] as const;

function unknownRule(id: string, shippedRules: URL): UsageError {
  const index = new RuleIndex(loadCompiledRules(shippedRules));
  const sources = loadCompiledRuleSources(new URL("rule-sources.json", shippedRules));
  const near = suggestSubjects(id, new Knowledge(index, sources), SHOWN_KINDS);
  const fix = near.length === 0 ? '"bycatch rules list" lists them.' : askWhetherMeant(near);
  return new UsageError(`rules show ${printable(id, 200)}`, "there is no rule of this id", fix);
}

function refuseUnknown(
  flag: string,
  value: string | undefined,
  known: readonly (string | undefined)[],
): void {
  if (value === undefined || known.includes(value)) return;
  const values = [...new Set(known.filter((one) => one !== undefined))].sort();
  const fix = values.length > 40 ? '"bycatch rules list" shows them.' : `One of ${values.join(", ")}.`;
  throw new UsageError(flag, `there is no "${printable(value, 200)}" among the rules`, fix);
}

function describeRule({ kind, rule }: PartyRule, index: RuleIndex, sources: RuleSources): RuleLine {
  const signatures: Record<string, number> = {};
  for (const signature of rule.signatures) {
    const [kindOf] = Object.keys(signature);
    signatures[kindOf!] = (signatures[kindOf!] ?? 0) + 1;
  }
  const vendor = rule.vendor === undefined ? undefined : index.findVendor(rule.vendor);
  const parent = vendor === undefined ? undefined : index.findParent(vendor);
  return {
    id: rule.id,
    kind,
    name: rule.name,
    ...("category" in rule ? { category: rule.category } : {}),
    ...(vendor === undefined ? {} : { vendor: vendor.id, vendorName: vendor.name }),
    ...(parent === undefined ? {} : { parent: parent.id, parentName: parent.name }),
    signatures,
    versionWays: rule.version?.length ?? 0,
    switches:
      ("switches" in rule ? (rule.switches?.length ?? 0) : 0) +
      (sources.parties[rule.id]?.codeSwitches?.length ?? 0),
    practices: "practices" in rule ? (rule.practices?.length ?? 0) : 0,
  };
}

/** Columns of an id and of a company before the next. */
const [ID_WIDTH, COMPANY_WIDTH, CATEGORY_WIDTH] = [34, 40, 20];

function renderLines(lines: readonly RuleLine[]): string {
  const pad = (text: string, width: number) => {
    const cut = ellipsize(printable(text), width - 2);
    return cut + " ".repeat(Math.max(2, width - displayWidth(cut)));
  };
  const rows = lines.map((line) => {
    const company =
      line.parentName === undefined ? line.vendorName : `${line.vendorName} < ${line.parentName}`;
    const kinds = Object.keys(line.signatures).length;
    const total = Object.values(line.signatures).reduce((sum, number) => sum + number, 0);
    const more = [
      `${total} ${total === 1 ? "signature" : "signatures"} of ${kinds} ${kinds === 1 ? "kind" : "kinds"}`,
      ...(line.versionWays > 0 ? ["version"] : []),
      ...(line.switches > 0 ? ["switches"] : []),
      ...(line.practices > 0 ? ["practices"] : []),
    ];
    return `${pad(line.id, ID_WIDTH)}${pad(line.category ?? "support library", CATEGORY_WIDTH)}${pad(company ?? "", COMPANY_WIDTH)}${more.join(", ")}`;
  });
  return `${[...rows, `${lines.length} rules`].join("\n")}\n`;
}
