import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { openFileSource } from "../archive/index.js";
import { auditSource, prepareRules } from "../audit.js";
import { defaultLimits, isSystemError, UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import type { PlacedRule, RuleComplaint, RuleIndex } from "../ruleset/index.js";
import { testRules } from "../sdk/index.js";
import { tell, writeStdout } from "./console.js";
import type { Ending } from "./exit-codes.js";

/** What `bycatch rules lint` and `test` are told. */
export interface RuleCheckOptions {
  /** Folders in which npm packages with real apps lie; `test` only. */
  readonly apps?: readonly string[];
}

/** Rule files that were read: all of them, and of which the user asked. */
interface LoadedRules {
  readonly placed: readonly PlacedRule[];
  /** Paths of the user's own, or all where none were given. */
  readonly asked: ReadonlySet<string>;
  /** Files that do not check. */
  readonly mistakes: readonly RuleComplaint[];
}

/**
 * `bycatch rules lint`: what is wrong with rules, a complaint a mistake. Rules of one's own are read together
 * with those that ship, which they must go with.
 */
export async function lintRuleFiles(paths: readonly string[], shipped: URL): Promise<Ending> {
  const started = performance.now();
  const { placed, asked, mistakes } = await loadRules(paths, shipped);
  const { lintRules } = await import("../ruleset/lint-rules.js");
  const complaints = [...mistakes, ...lintRules(placed, mistakes.length === 0)].flatMap((complaint) =>
    placeWhereAsked(complaint, asked),
  );
  await writeComplaints(complaints);
  const files = paths.length === 0 ? placed.length : asked.size;
  await writeStdout(
    complaints.length === 0
      ? `${count(files, "rule file")}: no complaints (${secondsSince(started)})\n`
      : `${count(files, "rule file")}: ${count(complaints.length, "complaint")}\n`,
  );
  return complaints.length === 0 ? "done" : "usage";
}

/** `bycatch rules test`: each rule against its written examples, and the real apps that are at hand. */
export async function testRuleFiles(
  paths: readonly string[],
  { apps = [] }: RuleCheckOptions,
  shipped: URL,
): Promise<Ending> {
  const started = performance.now();
  const { placed, asked, mistakes } = await loadRules(paths, shipped);
  const { compileRuleset } = await import("../ruleset/compile-ruleset.js");
  const prepared = prepareRules(compileRuleset(placed));
  const own = placed.filter(({ path }) => asked.has(path));
  const written = testRules(own, prepared.index);
  const real = await testRealApps(own, prepared, apps);
  const complaints = [...mistakes, ...written.complaints, ...real.complaints];
  await writeComplaints(complaints);
  const hold =
    complaints.length === 0
      ? `all ${written.examples} examples hold`
      : `${count(complaints.length, "complaint")} about ${count(written.examples, "example")}`;
  const seen =
    real.checked === 0 ? "" : `; ${count(real.checked, "rule")} seen in ${count(real.apps, "real app")}`;
  await writeStdout(`${count(written.rules, "rule")}: ${hold}${seen} (${secondsSince(started)})\n`);
  if (real.missing.length > 0 && (apps.length === 0 || real.apps > 0)) {
    const where = apps.length === 0 ? "give --apps" : "not in the folders given";
    tell(`${count(real.missing.length, "real app")} that rules name not looked at: ${where}`);
  }
  return complaints.length === 0 ? "done" : "usage";
}

async function loadRules(paths: readonly string[], shipped: URL): Promise<LoadedRules> {
  const { loadRuleFiles } = await import("../ruleset/load-ruleset.js");
  const mistakes: RuleComplaint[] = [];
  const note = ({ where, problem, fix }: UsageError) =>
    void mistakes.push({ place: where.replace(/(:\d+):\d+$/, "$1"), problem, advice: fix });
  const load = (path: string) =>
    loadRuleFiles(path, note).map((rule) => ({ ...rule, path: shorten(rule.path) }));
  try {
    const own = paths.flatMap(load);
    const base = load(fileURLToPath(shipped));
    const idOf = ({ file }: PlacedRule) => ("id" in file.rule ? `${file.kind} ${file.rule.id}` : "");
    const replaced = new Set(own.map(idOf));
    const isReplaced = (rule: PlacedRule) =>
      own.some(({ path }) => path === rule.path) || (idOf(rule) !== "" && replaced.has(idOf(rule)));
    const placed = [...base.filter((rule) => !isReplaced(rule)), ...own];
    const asked = new Set((paths.length === 0 ? placed : own).map(({ path }) => path));
    for (const { place } of mistakes) asked.add(place.replace(/:\d+$/, ""));
    return { placed, asked, mistakes };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError(error.path ?? paths.join(", "), `cannot be read (${error.code})`, "", {
      cause: error,
    });
  }
}

/** As the user would write it: from here, where that is no longer. */
function shorten(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") || fromHere === "" ? path : fromHere;
}

/** A complaint that concerns a file of the user's is placed there, were it only one of several. */
function placeWhereAsked(complaint: RuleComplaint, asked: ReadonlySet<string>): RuleComplaint[] {
  const places = [complaint.place, ...(complaint.otherPlaces ?? [])];
  const place = places.find((candidate) => asked.has(candidate.replace(/:\d+$/, "")));
  return place === undefined ? [] : [{ ...complaint, place }];
}

interface RealAppTest {
  readonly checked: number;
  readonly apps: number;
  readonly missing: readonly string[];
  readonly complaints: readonly RuleComplaint[];
}

/** Whether each rule is recognised in the real apps that it names. */
async function testRealApps(
  placed: readonly PlacedRule[],
  rules: { readonly index: RuleIndex } & ReturnType<typeof prepareRules>,
  folders: readonly string[],
): Promise<RealAppTest> {
  const rulesOfApp = new Map<string, PlacedRule[]>();
  for (const rule of placed) {
    if (rule.file.kind !== "sdk" && rule.file.kind !== "support-library") continue;
    for (const app of rule.file.rule.examples.apps ?? [])
      rulesOfApp.set(app, [...(rulesOfApp.get(app) ?? []), rule]);
  }
  const missing: string[] = [];
  const complaints: RuleComplaint[] = [];
  let checked = 0;
  for (const [app, named] of rulesOfApp) {
    const path = findRealApp(app, folders);
    if (path === undefined) {
      missing.push(app);
      continue;
    }
    const present = new Set(await listParties(path, rules));
    for (const { path: rulePath, text, file } of named) {
      checked++;
      const { id } = file.rule as { readonly id: string };
      if (present.has(id)) continue;
      const line = text?.split("\n").findIndex((candidate) => candidate.includes(app)) ?? -1;
      complaints.push({
        place: line < 0 ? rulePath : `${rulePath}:${line + 1}`,
        problem: `the rule is not recognised in ${app}`,
        advice: "Add the signature that the app shows, or remove the app.",
      });
    }
  }
  if (folders.length > 0 && rulesOfApp.size > 0 && missing.length === rulesOfApp.size) {
    complaints.push({
      place: `--apps ${folders.join(", ")}`,
      problem: `there is none of the ${count(missing.length, "real app")} that rules name, such as ${missing[0]}`,
      advice: "Give a folder with npm packages in it: node_modules, or one of `name@version` folders.",
    });
  }
  return { checked, apps: rulesOfApp.size - missing.length, missing, complaints };
}

async function listParties(path: string, rules: ReturnType<typeof prepareRules>): Promise<string[]> {
  const source = openFileSource(path);
  try {
    const result = await auditSource(source, rules, { depth: "permitted", limits: defaultLimits });
    return result.parties.map(({ id }) => id);
  } finally {
    source.close();
  }
}

/** Of `name@version/path/in/package.apk`: as npm installs it, or in a folder of that name. */
function findRealApp(app: string, folders: readonly string[]): string | undefined {
  const [, name, version, path] = /^((?:@[^/]+\/)?[^@/]+)@([^/]+)\/(.+)$/.exec(app) ?? [];
  if (name === undefined || path === undefined) return undefined;
  for (const folder of folders) {
    const apart = join(folder, `${name.replaceAll("/", "+")}@${version}`, path);
    if (existsSync(apart)) return apart;
    const manifest = join(folder, name, "package.json");
    if (!existsSync(manifest)) continue;
    const installed = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version?: unknown };
    if (installed.version === version && existsSync(join(folder, name, path)))
      return join(folder, name, path);
  }
  return undefined;
}

async function writeComplaints(complaints: readonly RuleComplaint[]): Promise<void> {
  for (const { place, problem, advice } of complaints) {
    const end = /[.!?]$/.test(problem) ? "" : ".";
    const lines = [`${place}: ${problem}${end}`, ...(advice === "" ? [] : [`  ${advice}`])];
    await writeStdout(`${lines.map((line) => printable(line, 2_000)).join("\n")}\n`);
  }
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function secondsSince(started: number): string {
  return `${((performance.now() - started) / 1_000).toFixed(1)} s`;
}
