import type { Need } from "../ruleset/index.js";
import type { ApiFact, NeedFact, YieldFact } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";

type ApiRule = Knowledge["ruleset"]["apis"][number];
type Api = ApiRule["apis"][number];

/** A rule's APIs with what limits each, those that are asked for. */
export function describeApis(
  rule: ApiRule,
  { sources }: Knowledge,
  isAsked: (api: ApiFact) => boolean = () => true,
): YieldFact {
  const notes = sources.apis[rule.id]?.apiNotes ?? {};
  const degrades = rule["degrades-to"];
  return {
    id: rule.id,
    name: rule.name,
    dataType: rule["data-type"],
    ...(degrades === undefined
      ? {}
      : { degradesTo: { dataType: degrades["data-type"], whenMissing: degrades["when-missing"] } }),
    apis: rule.apis.map((api, index) => describeApi(rule, api, notes[index])).filter(isAsked),
  };
}

function describeApi(rule: ApiRule, api: Api, note: string | undefined): ApiFact {
  const kind =
    api.method !== undefined
      ? "method"
      : api.field !== undefined
        ? "field"
        : api.override !== undefined
          ? "override"
          : "content-uri";
  const constants = api.argument?.["one-of"];
  return {
    kind,
    reference: (api.method ?? api.field ?? api.override ?? api["content-uri"])!,
    ...(constants === undefined ? {} : { constants }),
    needs: (api.needs ?? rule.needs ?? []).map(describeNeed),
    ...(api.since === undefined ? {} : { since: api.since }),
    ...(api.until === undefined ? {} : { until: api.until }),
    ...(api["target-until"] === undefined ? {} : { targetUntil: api["target-until"] }),
    confidence: api.confidence ?? "certain",
    ...(note === undefined ? {} : { note }),
  };
}

function describeNeed(need: Need): NeedFact {
  const fields = [
    ["fromTarget", need["from-target"]],
    ["toTarget", need["to-target"]],
    ["fromDevice", need["from-device"]],
    ["toDevice", need["to-device"]],
  ] as const;
  return {
    permissions: need["all-of"] ?? need["any-of"] ?? [],
    all: need["all-of"] !== undefined,
    ...Object.fromEntries(fields.filter(([, level]) => level !== undefined)),
    otherwise: need.otherwise ?? "nothing",
  };
}

/** Whether an API needs a permission, or is the better for it. */
export function needsPermission(name: string): (api: ApiFact) => boolean {
  return ({ needs }) => needs.some(({ permissions }) => permissions.includes(name));
}
