import { canonicalJson, type Evaluation } from "./evaluation.js";
import { listEvaluations } from "./evaluations.js";
import type { PartFiles } from "./part-files.js";
import { openStore, type Store } from "./store.js";

/** The evaluations that differ from one by their rules alone, as the store in a folder sees them; the last written first. */
export async function findEarlier(
  folder: string,
  files: PartFiles,
  evaluation: Evaluation,
): Promise<Store[]> {
  const isEarlier = (other: Evaluation) =>
    other.rulesVersion !== evaluation.rulesVersion &&
    canonicalJson({ ...other, rulesVersion: evaluation.rulesVersion }) === canonicalJson(evaluation);
  const all = await listEvaluations(folder, files);
  const earlier = all.flatMap((one) =>
    one.parts.length > 0 && one.evaluation !== undefined && isEarlier(one.evaluation) ? [one.evaluation] : [],
  );
  return Promise.all(earlier.reverse().map((one) => openStore(files, one)));
}
