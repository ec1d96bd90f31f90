import type { RuleDraft } from "./rule-draft.js";

/** A draft as YAML that parses as an SDK's rule; comments say what its author has to decide. */
export function renderDraft(draft: RuleDraft): string {
  const { id, name, vendor, category, signatures, version, providers, examples, source, readOn } = draft;
  const lines = [
    "# A draft from an app: what it shows. Check each line before it becomes a rule (rules/README.md).",
    `id: ${scalar(id)}`,
    `name: ${scalar(name)} # as its maker calls it`,
    `vendor: ${scalar(vendor)} # write vendors/${vendor}.yaml: id, name, site`,
    `category: ${scalar(category)} # by what the product is`,
    "site: https://example.com/ # the product's own page",
    "signatures:",
    "  # Keep what is this SDK's alone; a string or file that others may have proves nothing.",
    ...signatures.map(({ kind, value, comment }) => item({ [kind]: value }, comment)),
    ...list(
      "version",
      version.map(({ kind, value, comment }) => item({ [kind]: value }, comment)),
    ),
    ...list(
      "auto-init",
      providers.map((provider) => item({ provider })),
    ),
    "# brings: what its own manifest merges into apps; the merged manifest of an app does not say.",
    "# switches, maven, practices: see rules/README.md.",
    "sources:",
    "  - kind: artefact",
    `    where: ${scalar(source)}`,
    `    read-on: ${readOn}`,
    "examples:",
    "  present:",
    ...examples.present.map((example) => `  ${item(example)}`),
    "  absent: # near misses: replace them with what a careless rule would take for this SDK",
    ...examples.absent.map((example) => `  ${item(example)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function list(key: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${key}:`, ...items];
}

function item(entry: Readonly<Record<string, string>>, comment?: string): string {
  const [key, value] = Object.entries(entry)[0]!;
  return `  - ${key}: ${scalar(value)}${comment === undefined ? "" : ` # ${oneLine(comment)}`}`;
}

/** What YAML reads as the text that it is, without quotes. */
const PLAIN =
  /^(?!(?:null|true|false|yes|no|on|off|y|n)$)[A-Za-z_$][\w$./;>()*{}+@-]*(?::[\w$/;]+)*(?: [\w$.(){}/-]+)*$/i;

/** On one line, quoted where YAML would read something else: the text comes from an app. */
function scalar(text: string): string {
  return PLAIN.test(text) ? text : toAscii(JSON.stringify(text));
}

function toAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function oneLine(text: string): string {
  return toAscii(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'));
}
