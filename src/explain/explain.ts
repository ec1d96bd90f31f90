import { explainApi, explainDataType } from "./explain-data.js";
import { explainFinding, explainFindingKind } from "./explain-finding.js";
import { explainParty } from "./explain-party.js";
import { explainPermission } from "./explain-permission.js";
import { explainVendor } from "./explain-vendor.js";
import type { Explanation, ExplanationBody, Subject } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";

/**
 * Explains one thing.
 *
 * @param alsoNamed other things of the same name
 */
export function explain(
  subject: Subject,
  knowledge: Knowledge,
  alsoNamed: readonly Subject[] = [],
): Explanation {
  const { is, ...body } = explainByKind(subject, knowledge);
  const app = knowledge.describeApp();
  return { subject, is, alsoNamed, ...(app === undefined ? {} : { app }), ...body };
}

function explainByKind({ kind, id }: Subject, knowledge: Knowledge): ExplanationBody {
  switch (kind) {
    case "sdk":
    case "support-library":
    case "unrecognised":
    case "first-party":
    case "unattributed":
      return explainParty(id, kind, knowledge);
    case "vendor":
      return explainVendor(id, knowledge);
    case "data-type":
      return explainDataType(id, knowledge);
    case "api":
      return explainApi(id, knowledge);
    case "permission":
      return explainPermission(id, knowledge);
    case "finding-kind":
      return explainFindingKind(id, knowledge);
    case "finding":
      return explainFinding(id, knowledge);
  }
}
