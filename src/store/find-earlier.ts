import { canonicalJson, type Evaluation } from "./evaluation.js";
import { listEvaluations } from "./evaluations.js";
import type { PartFiles } from "./part-files.js";
import { openStore, type Store } from "./store.js";

/**
 * The evaluation that was written last of those that differ from one by their rules alone, as the store in a folder sees
 * it; `undefined` where it has none.
 */
export async function findEarlier(
  folder: string,
  files: PartFiles,
  evaluation: Evaluation,
): Promise<Store | undefined> {
  const isEarlier = (other: Evaluation) =>
    other.rulesVersion !== evaluation.rulesVersion &&
    canonicalJson({ ...other, rulesVersion: evaluation.rulesVersion }) === canonicalJson(evaluation);
  const all = await listEvaluations(folder, files);
  const earlier = all.findLast(
    (one) => one.parts.length > 0 && one.evaluation !== undefined && isEarlier(one.evaluation),
  );
  return earlier?.evaluation && openStore(files, earlier.evaluation);
}
