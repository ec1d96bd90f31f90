import { summarizePractices } from "../findings/index.js";
import type { PartyRule } from "../ruleset/index.js";
import { type PartyKind, worthOf } from "../sdk/index.js";
import { describeOwners, endSentence } from "./describe-owners.js";
import type { Company, ExplanationBody, PermissionFact, PracticeFact, SignatureFact } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";
import { listAccess } from "./list-access.js";
import { listFlows } from "./list-flows.js";
import { listRemedies } from "./remedies.js";

/** An SDK, a support library, or a party of the app that no rule knows. */
export function explainParty(id: string, kind: PartyKind, knowledge: Knowledge): ExplanationBody {
  const rule = knowledge.rules.get(id);
  const beside = knowledge.sources.parties[id];
  const owners = ownersOf(id, knowledge);
  const vendorId = owners[0]?.id;
  const privacy = vendorId === undefined ? undefined : knowledge.sources.vendors[vendorId]?.privacy;
  const presence = knowledge.presenceOf(id);
  // What is the app makers' own as a whole has its accesses among theirs.
  const isOwn = knowledge.own.has(id) && !knowledge.seen.has(id);
  const access = isOwn ? undefined : listAccess(knowledge, { isParty: (party) => party === id });
  const blindSpots = knowledge.result?.blindSpots?.filter(({ party }) => party === id) ?? [];
  return {
    is: describeKind(kind, rule, owners),
    ...(beside?.note === undefined ? {} : { note: beside.note }),
    ...(beside?.site === undefined ? {} : { site: beside.site }),
    ...(privacy === undefined ? {} : { privacy }),
    ...(owners.length === 0 ? {} : { owners }),
    ...(rule === undefined ? {} : { signatures: describeSignatures(rule) }),
    ...(presence === undefined ? {} : { presence }),
    ...(access === undefined ? {} : { access }),
    ...(isOwn
      ? {}
      : listFlows(knowledge, {
          isFlow: ({ source, sink }) => source.party === id || sink.party === id,
          isHandOver: ({ party }) => party === id,
          isParty: (party) => party === id,
        })),
    ...(blindSpots.length === 0 ? {} : { blindSpots }),
    ...(rule === undefined ? {} : { permissions: listBrought(rule, knowledge) }),
    ...(kind === "sdk" ? { practices: listPractices(id, knowledge) } : {}),
    remedies: listRemedies(id, knowledge),
    sources: knowledge.sourcesOfParty(id),
  };
}

/** By the rules; of what only the report knows, as it has it. */
function ownersOf(id: string, knowledge: Knowledge): Company[] {
  const vendorId = knowledge.rules.get(id)?.rule.vendor;
  if (vendorId !== undefined) return knowledge.ownersOf(vendorId);
  const vendor = knowledge.seen.get(id)?.vendor;
  if (vendor === undefined) return [];
  const { id: ownId, name, country, parent } = vendor;
  return [
    { id: ownId, name, ...(country === undefined ? {} : { country }) },
    ...(parent === undefined ? [] : [parent]),
  ];
}

function describeKind(kind: PartyKind, rule: PartyRule | undefined, owners: readonly Company[]): string {
  switch (kind) {
    case "sdk": {
      const category = rule?.kind === "sdk" ? ` (${rule.rule.category.replaceAll("-", " ")})` : "";
      return endSentence(`A third-party SDK${category}${describeOwners(owners)}`);
    }
    case "support-library":
      return `A support library${describeOwners(owners)}: its code works for whoever calls it, and is no third party by itself.`;
    case "unrecognised":
      return "A third party that no rule knows: a package tree of the app that is not its makers' own.";
    case "first-party":
      return "The app's own code: that of its makers.";
    case "unattributed":
      return "Code that has lost its names, and that no witness claims.";
  }
}

function describeSignatures({ rule }: PartyRule): SignatureFact[] {
  return rule.signatures.map((signature) => {
    const [kind, value] = Object.entries(signature)[0] as [string, string];
    const worth = worthOf(kind);
    return { kind, value, ...(worth === undefined ? {} : { worth }) };
  });
}

/** Permissions that its own manifest brings. */
function listBrought({ rule }: PartyRule, knowledge: Knowledge): PermissionFact[] {
  return (rule.brings ?? []).map(({ permission, module }) => ({
    ...describePermission(permission, knowledge),
    ...(module === undefined ? {} : { module }),
  }));
}

/** A permission: what the rules know of it, and how it stands in the app. */
export function describePermission(name: string, knowledge: Knowledge): PermissionFact {
  const known = knowledge.permissions.get(name);
  const seen = knowledge.result?.permissions.find((permission) => permission.name === name);
  const note = knowledge.sources.permissions[name]?.note;
  const inApp = seen === undefined ? undefined : withoutName(seen);
  return {
    name,
    protection: known?.protection ?? seen?.protection ?? "unknown",
    ...(known?.since === undefined ? {} : { since: known.since }),
    ...(known?.until === undefined ? {} : { until: known.until }),
    opens: known?.opens ?? [],
    ...(note === undefined ? {} : { note }),
    ...(inApp === undefined ? {} : { inApp }),
  };
}

function withoutName(
  seen: NonNullable<Knowledge["result"]>["permissions"][number],
): NonNullable<PermissionFact["inApp"]> {
  const { name: _, protection: __, ...inApp } = seen;
  return inApp;
}

/** What its vendor says of it: by the rules, or as the report has it where no rule knows it. */
export function listPractices(id: string, knowledge: Knowledge): PracticeFact[] {
  const rule = knowledge.rules.get(id);
  const practices = rule === undefined ? (knowledge.seen.get(id)?.practices ?? []) : summarizePractices(rule);
  return practices.map((practice) => ({ party: id, name: knowledge.nameOf(id), ...practice }));
}
