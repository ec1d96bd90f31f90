import { statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../diagnostics/index.js";
import { isRungAtLeast } from "../findings/index.js";
import { type Evaluation, parseEvaluation } from "./evaluation.js";
import { PART_FILE, type PartFiles } from "./part-files.js";

/** An evaluation of which a store has something. */
export interface StoredEvaluation {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** `undefined` where the file that tells is not there. */
  readonly evaluation: Evaluation | undefined;
  /** Names of its parts that are whole: `part-<name>.parquet`, sorted. */
  readonly parts: readonly string[];
}

/** Which evaluation of several is meant. */
export interface EvaluationChoice {
  /** Its id, or the beginning of it. */
  readonly id?: string | undefined;
}

/** The evaluations of a store in a folder, that which was written last at the end. */
export async function listEvaluations(folder: string, files: PartFiles): Promise<StoredEvaluation[]> {
  const parts = new Map<string, string[]>();
  for (const path of await files.list("evaluations")) {
    const id = /^evaluations\/([0-9a-f]{16})\.json$/.exec(path)?.[1];
    if (id !== undefined) parts.set(id, []);
  }
  for (const path of await files.list("apps")) {
    const [, id, part] = /^apps\/evaluation=([0-9a-f]{16})\/([^/]+)$/.exec(path) ?? [];
    if (id === undefined || part === undefined || !PART_FILE.test(part)) continue;
    const known = parts.get(id);
    if (known === undefined) parts.set(id, [part]);
    else known.push(part);
  }
  const found = await Promise.all(
    [...parts].map(async ([id, names]) => ({
      id,
      evaluation: await readEvaluation(files, id),
      parts: names,
      writtenAt: namesWritten(id, names).reduce(
        (last, path) => Math.max(last, timeOf(join(folder, path))),
        0,
      ),
    })),
  );
  return found
    .sort((one, other) => one.writtenAt - other.writtenAt || (one.id < other.id ? -1 : 1))
    .map(({ id, evaluation, parts }) => ({ id, evaluation, parts }));
}

/**
 * The evaluation that is meant: that which is named. Where none is, of those that have apps the last written that looked at
 * code, without `--first-party`, so that a shallow look takes no deep one's place; else the last.
 * `undefined` of a store that has none.
 *
 * @throws UsageError where the one that is named is not there
 */
export function chooseEvaluation(
  evaluations: readonly StoredEvaluation[],
  { id }: EvaluationChoice,
): StoredEvaluation | undefined {
  if (id !== undefined) return findNamed(evaluations, id);
  const withApps = evaluations.filter(({ parts }) => parts.length > 0);
  const plain = withApps.filter(
    ({ evaluation }) =>
      evaluation !== undefined &&
      isRungAtLeast(evaluation.depth, "referenced") &&
      evaluation.firstParty.length === 0,
  );
  return plain.at(-1) ?? withApps.at(-1) ?? evaluations.at(-1);
}

/** What tells an evaluation from others, in words: all of it, or in what it differs from another. */
export function describeEvaluation(evaluation: Evaluation | undefined, other?: Evaluation): string[] {
  if (evaluation === undefined) return ["by what is not known"];
  const { tool, rulesVersion, depth, firstParty } = evaluation;
  const named = firstParty.join(", ");
  return [
    ...(tool === other?.tool ? [] : [`bycatch ${tool}`]),
    ...(rulesVersion === other?.rulesVersion ? [] : [`rules ${rulesVersion}`]),
    ...(depth === other?.depth ? [] : [`depth ${depth}`]),
    ...(named === (other?.firstParty.join(", ") ?? "")
      ? []
      : [named === "" ? "no first party named" : `first party ${named}`]),
  ];
}

function findNamed(evaluations: readonly StoredEvaluation[], id: string): StoredEvaluation {
  const named = /^[0-9a-f]+$/.test(id) ? evaluations.filter((one) => one.id.startsWith(id)) : [];
  const [found] = named;
  if (found !== undefined && named.length === 1) return found;
  const ids = evaluations.map((one) => one.id).join(", ");
  throw new UsageError(
    "--evaluation",
    named.length === 0 ? `the store has no evaluation ${id}` : `${id} is the beginning of several`,
    ids === "" ? "It has none yet." : `It has ${ids}.`,
  );
}

/** A part that is replaced is newer than the folder that it is in. */
function namesWritten(id: string, names: readonly string[]): string[] {
  return [`evaluations/${id}.json`, ...names.map((name) => `apps/evaluation=${id}/${name}`)];
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function readEvaluation(files: PartFiles, id: string): Promise<Evaluation | undefined> {
  const bytes = await files.read(`evaluations/${id}.json`);
  return bytes === undefined ? undefined : parseEvaluation(new TextDecoder().decode(bytes));
}
