import { isSystemError, UsageError } from "../diagnostics/index.js";
import { isRungAtLeast } from "../findings/index.js";
import {
  type Database,
  type DatabaseOptions,
  type LookedFor,
  listWaiting,
  openDatabase,
  type StoredEvaluation,
} from "../store/index.js";
import { tell } from "./console.js";
import { evaluationText } from "./evaluation-text.js";

/** A store with apps of the evaluation that is meant. */
export interface OpenedStore {
  readonly database: Database;
  readonly evaluation: StoredEvaluation;
}

/** Other evaluations that are told. */
const MOST_OTHERS = 10;

/**
 * Opens the store that `--store` names.
 *
 * @param command whose option it is
 * @throws UsageError for a URL, what is no store, what cannot be read, and a store without an app
 */
export async function openStoreFolder(
  command: "query" | "report",
  store: string,
  options: DatabaseOptions,
): Promise<OpenedStore> {
  // It may have a password in it, and is not told.
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(store))
    throw new UsageError(
      "--store",
      `is a URL, and bycatch ${command} reads folders`,
      "Copy the bucket first, or ask it by another engine: docs/store.md tells how.",
    );
  let database: Database | undefined;
  try {
    database = await openDatabase(store, options);
    const { evaluation } = database;
    const waiting = evaluation === undefined ? 0 : await countWaiting(database, store, evaluation);
    if (evaluation === undefined || evaluation.parts.length === 0)
      throw new UsageError(
        "--store",
        `${store} has no app yet${options.id === undefined ? "" : ` of this evaluation`}`,
        waiting === 0
          ? "Run bycatch batch first, and let it end, or resume it."
          : `A run has finished ${countApps(waiting)} that ${isOrAre(waiting)} not in it yet: let it end, or resume it.`,
      );
    if (waiting > 0)
      tell(
        `a run has finished ${countApps(waiting)} more that ${isOrAre(waiting)} not in here yet: let it end, or resume it`,
      );
    return { database, evaluation };
  } catch (error) {
    database?.close();
    if (!isSystemError(error)) throw error;
    throw new UsageError("--store", `${store} cannot be read (${error.code})`, "", { cause: error });
  }
}

/** Apps that are in the journal alone. */
async function countWaiting(database: Database, store: string, { id }: StoredEvaluation): Promise<number> {
  const waiting = listWaiting(store, id);
  if (waiting.length === 0) return 0;
  const stored = await database.query<{ app: string | null }>("SELECT app FROM apps WHERE app IS NOT NULL");
  const known = new Set(stored.map(({ app }) => app));
  return waiting.filter((app) => app === null || !known.has(app)).length;
}

function countApps(apps: number): string {
  return `${apps.toLocaleString("en")} ${apps === 1 ? "app" : "apps"}`;
}

function isOrAre(apps: number): string {
  return apps === 1 ? "is" : "are";
}

/** Where a store has several evaluations and none was named: which one it is, and in what the others differ from it. */
export function tellWhichEvaluation(
  { database: { evaluations }, evaluation }: OpenedStore,
  options: { readonly evaluation?: string },
): void {
  if (evaluations.length < 2 || options.evaluation !== undefined) return;
  const others = evaluations.filter((one) => one !== evaluation).reverse();
  const lines = others.slice(0, MOST_OTHERS).map((one) => {
    const state = one.parts.length === 0 ? ", no app yet" : "";
    return `  --evaluation ${one.id}  (${evaluationText(one.evaluation, evaluation.evaluation)}${state})`;
  });
  const more = others.length - MOST_OTHERS;
  tell(
    [
      `of ${evaluations.length} evaluations this is ${evaluation.id} (${evaluationText(evaluation.evaluation)}); others, the last written first:`,
      ...lines,
      ...(more > 0 ? [`  and ${more.toLocaleString("en")} more`] : []),
    ].join("\n"),
  );
}

/** Where what is asked of was not looked for, or not kept, so that an empty answer says nothing of it. */
export function tellDepth(
  { database: { partsWithout }, evaluation: { evaluation, parts } }: OpenedStore,
  asks: readonly LookedFor[],
): void {
  for (const table of asks) {
    const one = { accesses: "access", hand_overs: "hand-over", flows: "flow" }[table];
    const depth = evaluation?.depth;
    if (depth !== undefined && !isRungAtLeast(depth, table === "flows" ? "flows" : "referenced")) {
      const what = table === "flows" ? "where data goes" : "what code refers to";
      tell(`${what} was not looked for in these apps (depth ${depth}): no ${one} is no answer`);
      continue;
    }
    if (table === "hand_overs" && depth !== undefined && !isRungAtLeast(depth, "flows"))
      tell(`which values are passed was not looked for in these apps (depth ${depth})`);
    const without = partsWithout.get(table);
    if (without !== undefined)
      tell(
        `an older bycatch wrote ${without} of ${parts.length} parts, without ${table}: no ${one} is no answer`,
      );
  }
}
