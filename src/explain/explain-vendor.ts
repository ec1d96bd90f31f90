import { describeChain, endSentence } from "./describe-owners.js";
import { listPractices } from "./explain-party.js";
import type { Company, ExplanationBody, SdkFact } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";
import { listAccess } from "./list-access.js";
import { listFlows } from "./list-flows.js";
import { listRemedies } from "./remedies.js";

/** A company: what it owns, and so who gets it in the end. */
export function explainVendor(id: string, knowledge: Knowledge): ExplanationBody {
  const owners = knowledge.ownersOf(id);
  const beside = knowledge.sources.vendors[id];
  const sdks = listSdks(id, knowledge);
  const own = new Set(sdks.map((sdk) => sdk.id));
  const inApp = sdks.filter(({ presence }) => presence === "present");
  const isOwn = inApp.length > 0 && inApp.every((sdk) => sdk.isOwn === true);
  const access = isOwn ? undefined : listAccess(knowledge, { isParty: (party) => own.has(party) });
  return {
    is: describeCompany(owners, sdks, id),
    ...(beside?.site === undefined ? {} : { site: beside.site }),
    ...(beside?.privacy === undefined ? {} : { privacy: beside.privacy }),
    owners,
    sdks,
    ...(access === undefined ? {} : { access }),
    ...(isOwn ? {} : listFlowsOf(own, knowledge)),
    practices: sdks.flatMap((sdk) => listPractices(sdk.id, knowledge)),
    remedies: inApp.flatMap((sdk) => listRemedies(sdk.id, knowledge)),
    sources: [
      ...(beside?.site === undefined || beside.checkedOn === undefined
        ? []
        : [{ of: owners[0]?.name ?? id, kind: "vendor-page", where: beside.site, readOn: beside.checkedOn }]),
      ...sdks.flatMap((sdk) => knowledge.sourcesOfParty(sdk.id)),
    ],
  };
}

/** Where data goes by the code of a company's SDKs, and what they are handed over. */
function listFlowsOf(own: ReadonlySet<string>, knowledge: Knowledge) {
  return listFlows(knowledge, {
    isFlow: ({ source, sink }) => own.has(source.party) || own.has(sink.party),
    isHandOver: ({ party }) => own.has(party),
    isParty: (party) => own.has(party),
  });
}

/** SDKs and libraries of a company and of all that it owns; those of its own first. */
function listSdks(id: string, knowledge: Knowledge): SdkFact[] {
  const typesOf = new Map<string, Set<string>>();
  for (const { party, dataType } of knowledge.result?.accesses ?? [])
    typesOf.set(party, (typesOf.get(party) ?? new Set()).add(dataType));
  const sdks = [...knowledge.rules.values()].flatMap(({ kind, rule }): SdkFact[] => {
    const owners = rule.vendor === undefined ? [] : knowledge.ownersOf(rule.vendor);
    if (!owners.some((owner) => owner.id === id)) return [];
    const presence = knowledge.presenceOf(rule.id)?.answer;
    const isOwn = knowledge.own.has(rule.id) && !knowledge.seen.has(rule.id);
    return [
      {
        id: rule.id,
        name: rule.name,
        kind,
        ...("category" in rule ? { category: rule.category } : {}),
        vendor: owners[0]!,
        ...(presence === undefined ? {} : { presence }),
        ...(isOwn ? { isOwn } : {}),
        ...(presence === "present" && !isOwn ? { dataTypes: [...(typesOf.get(rule.id) ?? [])].sort() } : {}),
      },
    ];
  });
  const isForeign = ({ vendor }: SdkFact) => Number(vendor.id !== id);
  return sdks.sort((a, b) => isForeign(a) - isForeign(b) || compareText(a.vendor.name, b.vendor.name));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function describeCompany(owners: readonly Company[], sdks: readonly SdkFact[], id: string): string {
  const [vendor, ...above] = owners;
  const country = vendor?.country === undefined ? "" : ` (${vendor.country})`;
  const known = sdks.filter(({ kind }) => kind === "sdk").length;
  const number = known === 0 ? "no SDK" : known === 1 ? "one SDK" : `${known} SDKs`;
  const others = sdks.some((sdk) => sdk.vendor.id !== id) ? " and of companies that it owns" : "";
  return `${endSentence(`A company${country}${describeChain(above)}`)} The rules know ${number} of it${others}.`;
}
