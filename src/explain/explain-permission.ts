import { describeApis, needsPermission } from "./describe-apis.js";
import { describePermission } from "./explain-party.js";
import type { Bringer, ExplanationBody } from "./explanation.js";
import { type Knowledge, permissionsOfRule } from "./knowledge.js";
import { listAccess } from "./list-access.js";
import { removePermission } from "./remedies.js";

const PROTECTIONS = {
  normal: "that Android grants at installation, without asking",
  dangerous: "for which Android asks the user",
  signature: "that only apps of the system, or of who defines it, are given",
  special: "that the user grants in the system's settings",
  unknown: "whose protection the rules do not know",
} as const;

/** A permission: what it opens, which calls need it, who brings it. */
export function explainPermission(name: string, knowledge: Knowledge): ExplanationBody {
  const permission = describePermission(name, knowledge);
  const rules = knowledge.ruleset.apis.filter((rule) => permissionsOfRule(rule).includes(name));
  const yields = rules.map((rule) => {
    // What is the finer for it needs it as a whole.
    const isFiner = rule["degrades-to"]?.["when-missing"] === name;
    return describeApis(rule, knowledge, isFiner ? undefined : needsPermission(name));
  });
  const guarded = new Map(
    yields.map(({ id, apis }) => [id, new Set(apis.map(({ reference }) => reference))]),
  );
  const access = listAccess(knowledge, {
    isAccess: ({ yields: id, api }) => guarded.get(id)?.has(api) ?? false,
  });
  const findings = knowledge.result?.findings.filter(({ permissions }) => permissions?.includes(name));
  return {
    is: `A permission ${PROTECTIONS[permission.protection]}${describeLevels(permission)}.`,
    opens: permission.opens,
    yields,
    permissions: [permission],
    broughtBy: listBringers(name, knowledge),
    ...(access === undefined ? {} : { access }),
    ...(findings === undefined ? {} : { findings }),
    remedies: removePermission(name, knowledge),
    sources: knowledge.sourcesOfPermission(name),
  };
}

function describeLevels({ since, until }: { since?: number; until?: number }): string {
  return [
    ...(since === undefined ? [] : [`, on devices from API level ${since} on`]),
    ...(until === undefined ? [] : [`, up to API level ${until}`]),
  ].join("");
}

function listBringers(name: string, knowledge: Knowledge): Bringer[] {
  return [...knowledge.rules.values()].flatMap(({ rule }) => {
    const brings = (rule.brings ?? []).find(({ permission }) => permission === name);
    if (brings === undefined) return [];
    const presence = knowledge.presenceOf(rule.id)?.answer;
    return [
      {
        id: rule.id,
        name: rule.name,
        ...(brings.module === undefined ? {} : { module: brings.module }),
        ...(presence === undefined ? {} : { presence }),
      },
    ];
  });
}
