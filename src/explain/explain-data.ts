import { describeApis } from "./describe-apis.js";
import { describePermission, listPractices } from "./explain-party.js";
import type { AccessFact, ExplanationBody, PermissionFact, Remedy } from "./explanation.js";
import { type Knowledge, listSources, permissionsOfRule } from "./knowledge.js";
import { listAccess } from "./list-access.js";
import { isGiven, listFlows } from "./list-flows.js";
import { listManifestSwitches, removePermission } from "./remedies.js";

/** One of Google Play's data types: what yields it, what opens it, who was seen to be able to access it. */
export function explainDataType(id: string, knowledge: Knowledge): ExplanationBody {
  const type = knowledge.ruleset.dataTypes.find((one) => one.id === id);
  const rules = knowledge.ruleset.apis.filter(
    (rule) => rule["data-type"] === id || rule["degrades-to"]?.["data-type"] === id,
  );
  const access = listAccess(knowledge, { isDataType: (dataType) => dataType === id });
  const openers = knowledge.ruleset.permissions.filter(({ opens }) => opens?.includes(id));
  const permissions = openers.map(({ name }) => describePermission(name, knowledge));
  const category = type === undefined ? "" : `, of the category "${type.category}"`;
  return {
    is: `A data type of Google Play's Data safety form: "${type?.name ?? id}"${category}.`,
    yields: rules.map((rule) => describeApis(rule, knowledge)),
    permissions,
    ...(access === undefined ? {} : { access }),
    ...listFlows(knowledge, {
      isFlow: ({ dataType }) => dataType === id,
      isHandOver: (handOver) => isGiven(handOver, id),
    }),
    practices: [...knowledge.rules.keys()]
      .flatMap((party) => listPractices(party, knowledge))
      .filter(({ dataType }) => dataType === id),
    remedies: remediesAgainst(id, access ?? [], permissions, knowledge),
    sources: [
      ...listSources(type?.name ?? id, knowledge.sources.dataTypes[id]?.sources),
      ...rules.flatMap((rule) => knowledge.sourcesOfApi(rule.id)),
    ],
  };
}

/** A rule of sensitive APIs: one kind of data, more narrow than a data type. */
export function explainApi(id: string, knowledge: Knowledge): ExplanationBody {
  const rule = knowledge.apis.get(id)!;
  const note = knowledge.sources.apis[id]?.note;
  const access = listAccess(knowledge, {
    isAccess: ({ yields }) => yields === id,
    isDataType: (type) => type === rule["data-type"] || type === rule["degrades-to"]?.["data-type"],
  });
  const permissions = [...new Set(permissionsOfRule(rule))].map((name) =>
    describePermission(name, knowledge),
  );
  const number = rule.apis.length === 1 ? "one API" : `${rule.apis.length} APIs`;
  return {
    is: `A kind of data that ${number} of Android and its libraries yield${rule.apis.length === 1 ? "s" : ""}; for Google Play it is ${rule["data-type"]}.`,
    ...(note === undefined ? {} : { note }),
    yields: [describeApis(rule, knowledge)],
    permissions,
    ...(access === undefined ? {} : { access }),
    ...listFlows(knowledge, { isFlow: ({ yields }) => yields === id }),
    remedies: remediesAgainst(rule["data-type"], access ?? [], permissions, knowledge),
    sources: knowledge.sourcesOfApi(id),
  };
}

/** The switches of who accesses it in the app, and taking away what it needs. */
function remediesAgainst(
  dataType: string,
  access: readonly AccessFact[],
  permissions: readonly PermissionFact[],
  knowledge: Knowledge,
): Remedy[] {
  const parties = [...new Set(access.map(({ party }) => party))];
  return [
    ...parties.flatMap((party) => listManifestSwitches(party, knowledge, dataType)),
    ...permissions
      .filter(({ protection }) => protection !== "signature")
      .flatMap(({ name }) => removePermission(name, knowledge)),
  ];
}
