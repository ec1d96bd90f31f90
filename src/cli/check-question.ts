import { UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import { type CompiledRules, findNearest } from "../ruleset/index.js";
import { type Database, literal, type QuestionName, type QuestionOptions } from "../store/index.js";
import { askWhetherMeant } from "./console.js";

/** Versions that are told where none is near. */
const MOST_VERSIONS = 10;

/**
 * Checks that what a question is about is known: of what is misspelt nothing is found, and that would read as an answer.
 *
 * @throws UsageError with what is near
 */
export async function checkQuestion(
  database: Database,
  name: QuestionName,
  { values: [value], packageName, between }: QuestionOptions,
  rules: CompiledRules,
): Promise<void> {
  if ((name === "apps-with" || name === "hand-overs") && value !== undefined)
    await checkParty(database, name, value, rules);
  if (name !== "changes") return;
  if (packageName !== undefined) await checkPackage(database, packageName);
  for (const version of between ?? []) await checkVersion(database, version, packageName);
}

async function checkParty(
  database: Database,
  name: QuestionName,
  id: string,
  rules: CompiledRules,
): Promise<void> {
  if (rules.header.partyIds.includes(id)) return;
  const seen = await database.query<{ id: string; name: string }>(
    "SELECT party AS id, min(name) AS name FROM parties GROUP BY party ORDER BY party",
  );
  if (seen.some((one) => one.id === id)) return;
  const known = rules.parties.map(({ rule }) => ({ id: rule.id, name: rule.name }));
  const near = findNearest(id, [...known, ...seen]);
  throw new UsageError(
    `query ${name} ${printable(id, 200)}`,
    "no rule that ships and no app of the store has such a party",
    near.length > 0
      ? askWhetherMeant(near)
      : '"bycatch query top-sdks" and "unrecognised" list those of the store, "bycatch rules list" what can be recognised.',
  );
}

async function checkPackage(database: Database, packageName: string): Promise<void> {
  const seen = await database.query<{ id: string; name: string }>(
    "SELECT DISTINCT package_name AS id, package_name AS name FROM apps WHERE package_name IS NOT NULL ORDER BY id",
  );
  if (seen.some(({ id }) => id === packageName)) return;
  const near = findNearest(packageName, seen);
  throw new UsageError(
    `--package ${printable(packageName, 200)}`,
    "the store has no app of this application id",
    near.length > 0 ? askWhetherMeant(near) : "",
  );
}

/** A version is meant by its code or its name. */
async function checkVersion(
  database: Database,
  version: string,
  packageName: string | undefined,
): Promise<void> {
  const only = packageName === undefined ? "" : `AND package_name = ${literal(packageName)}`;
  const seen = await database.query<{ code: string | null; name: string | null }>(
    `SELECT DISTINCT version_code AS code, version_name AS name FROM apps WHERE status <> 'failed' ${only}
    ORDER BY TRY_CAST(code AS HUGEINT) DESC, code, name`,
  );
  const texts = seen.flatMap(({ code, name }) => [name, code]).filter((text) => text !== null);
  if (texts.includes(version)) return;
  const near = findNearest(
    version,
    texts.map((text) => ({ id: text, name: text })),
  );
  const newest = [...new Set(seen.map(({ code, name }) => name ?? code ?? ""))].filter((text) => text !== "");
  const listed = newest.slice(0, MOST_VERSIONS).map((text) => printable(text, 40));
  const more = newest.length > listed.length ? ", …" : "";
  const fix =
    near.length > 0
      ? askWhetherMeant(near)
      : packageName === undefined || newest.length === 0
        ? ""
        : `It has ${listed.join(", ")}${more}.`;
  throw new UsageError(
    `--between ${printable(version, 200)}`,
    packageName === undefined
      ? "the store has no app of this version"
      : `the store has no such version of ${printable(packageName, 200)}`,
    fix,
  );
}
