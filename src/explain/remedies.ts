import { shortName } from "../access/index.js";
import type { Remedy } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";

/** How to switch a party off, or keep it and what it brings out of a build: the gentlest first. */
export function listRemedies(party: string, knowledge: Knowledge): Remedy[] {
  return [
    ...listManifestSwitches(party, knowledge),
    ...listCodeSwitches(party, knowledge),
    ...listStarters(party, knowledge),
    ...listBroughtPermissions(party, knowledge),
    ...listArtefacts(party, knowledge),
  ];
}

/**
 * The switches that stand in the manifest.
 *
 * @param dataType only those whose effect on it is documented
 */
export function listManifestSwitches(party: string, knowledge: Knowledge, dataType?: string): Remedy[] {
  const rule = knowledge.rules.get(party);
  const seen = knowledge.seen.get(party);
  const ofRule = rule?.kind === "sdk" ? (rule.rule.switches ?? []) : [];
  const ofReport = (seen?.switches ?? []).map((item) => ({ ...item, "meta-data": item.metaData }));
  const known: readonly {
    "meta-data": string;
    off: string;
    effect: string;
    source?: string | undefined;
    "data-types"?: readonly string[] | undefined;
  }[] = rule === undefined ? ofReport : ofRule;
  return known
    .filter((item) => dataType === undefined || item["data-types"]?.includes(dataType))
    .map(({ "meta-data": name, off, effect, source }) => {
      // What the report does not speak of may stand in the app all the same.
      const looked = seen?.switches?.find(({ metaData }) => metaData === name);
      const value = looked?.value;
      const state = value === off ? "switched-off" : value === undefined ? "not-set" : "set-otherwise";
      return {
        kind: "manifest-switch",
        party,
        effect,
        lines: [xmlElement("meta-data", { "android:name": name, "android:value": off })],
        ...(looked === undefined ? {} : { state }),
        ...(value === undefined ? {} : { value }),
        warnings: ['Where a library\'s manifest sets it too, add tools:replace="android:value".'],
        ...(source === undefined ? {} : { source }),
      };
    });
}

function listCodeSwitches(party: string, { sources }: Knowledge): Remedy[] {
  return (sources.parties[party]?.codeSwitches ?? []).map(({ method, effect, source }) => ({
    kind: "code-switch",
    party,
    effect,
    lines: [method],
    warnings: ["It counts from the call on: what starts the SDK by itself has run before."],
    ...(source === undefined ? {} : { source }),
  }));
}

/** What starts the SDK before the app asks for it. */
function listStarters(party: string, { sources }: Knowledge): Remedy[] {
  const items = sources.parties[party]?.autoInit ?? [];
  return items.map((item) => ({
    kind: "remove-start",
    party,
    effect: "The SDK no longer starts by itself: the app starts it in code, if and when it may.",
    lines:
      "provider" in item ? [removeElement("provider", item.provider)] : removeInitializer(item.initializer),
    warnings: ["What the app calls of the SDK fails where it counts on that start."],
  }));
}

function removeInitializer(name: string): string[] {
  const provider = xmlElement("provider", {
    "android:name": "androidx.startup.InitializationProvider",
    "android:authorities": "${applicationId}.androidx-startup",
    "android:exported": "false",
    "tools:node": "merge",
  });
  return [provider.replace(/ \/>$/, ">"), `    ${removeElement("meta-data", name)}`, "</provider>"];
}

function listBroughtPermissions(party: string, knowledge: Knowledge): Remedy[] {
  const brings = knowledge.rules.get(party)?.rule.brings ?? [];
  const names = new Set(brings.map(({ permission }) => permission));
  return [...names]
    .filter((name) => opensData(name, knowledge))
    .flatMap((name) => removePermission(name, knowledge, party));
}

/** A permission that bears on personal data; without INTERNET or WAKE_LOCK an SDK is of no use. */
function opensData(name: string, { permissions }: Knowledge): boolean {
  const permission = permissions.get(name);
  if (permission === undefined) return false;
  const { protection, opens = [] } = permission;
  return opens.length > 0 || protection === "dangerous" || protection === "special";
}

const ONLY_ITS_OWN =
  "With tools:selector, and the package of the SDK's manifest, only what that one brings is removed.";

/**
 * Taking a permission out of the merged manifest; with an app, only where it is requested.
 *
 * @param party the SDK that brings it, where one is asked about
 */
export function removePermission(name: string, knowledge: Knowledge, party?: string): Remedy[] {
  const { result } = knowledge;
  const inApp = result?.permissions.find((permission) => permission.name === name);
  if (result !== undefined && (inApp === undefined || inApp.impliedBy !== undefined)) return [];
  const others = (inApp?.usedBy ?? [])
    .filter((id) => id !== party)
    .map((id) => (id === "first-party" ? "the app itself" : knowledge.nameOf(id)));
  const brings = party === undefined ? [] : (knowledge.rules.get(party)?.rule.brings ?? []);
  const isBrought = brings.some(({ permission }) => permission === name);
  const uses =
    others.length === 0 ? [] : [`In this app, code of ${listSome(others)} uses ${shortName(name)}.`];
  return [
    {
      kind: "remove-permission",
      ...(party === undefined ? {} : { party }),
      effect: "The merged manifest no longer requests it, whoever brings it.",
      lines: [removeElement("uses-permission", name)],
      warnings: [
        "This takes it from everybody: the app's own code and every other SDK lose it too.",
        ...uses,
        ...(isBrought ? [ONLY_ITS_OWN] : []),
      ],
    },
  ];
}

function listArtefacts(party: string, { sources }: Knowledge): Remedy[] {
  const artefacts = sources.parties[party]?.maven ?? [];
  if (artefacts.length === 0) return [];
  return [
    {
      kind: "exclude-artefact",
      party,
      effect: "The build no longer has its code, also where another library depends on it.",
      lines: [
        "configurations.configureEach {",
        ...artefacts.map((coordinates) => {
          const [group, module] = coordinates.split(":");
          return `    exclude(group = "${group}", module = "${module}")`;
        }),
        "}",
      ],
      warnings: [
        "The app's own code must not use it, nor any library that counts on it: else it fails when it runs.",
      ],
    },
  ];
}

/** Names listed of many. */
const MOST_NAMES = 5;

function listSome(names: readonly string[]): string {
  const left = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (left > 0 ? ` and ${left} more` : "");
}

function removeElement(tag: string, name: string): string {
  return xmlElement(tag, { "android:name": name, "tools:node": "remove" });
}

function xmlElement(tag: string, attributes: Readonly<Record<string, string>>): string {
  const list = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  return `<${tag}${list.join("")} />`;
}

function escapeXml(text: string): string {
  const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };
  return text.replace(/[&<"]/g, (character) => escapes[character]!);
}
