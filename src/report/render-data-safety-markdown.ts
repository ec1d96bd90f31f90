import type {
  DataSafetyComparison,
  DataSafetyItem,
  DataSafetyList,
  DataTypeFacts,
  ObservedAccess,
} from "../policy/index.js";
import {
  describeForm,
  describePage,
  describeUse,
  outcomeOfComparison,
  summarizeComparison,
} from "./data-safety-words.js";
import { summarizePlace } from "./evidence-text.js";
import { code, layOut, type MarkdownBlock, prose, tableHead, tableRow } from "./markdown-text.js";
import { count } from "./words.js";

/** Characters of a comment that GitHub takes. */
const MOST_OF_A_COMMENT = 65_536;
/** Columns of a place in the code. */
const PLACE_WIDTH = 120;

const HEADLINES = { pass: "passed", fail: "failed", incomplete: "incomplete" } as const;

/**
 * A comparison as Markdown, for a comment or a job's summary. No text of the app, the form or the rules is markup, a
 * mention or a link in it.
 */
export function renderDataSafetyMarkdown(comparison: DataSafetyComparison): string {
  const { form, app, lists, dataTypes, unread, undecided } = comparison;
  const outcome = outcomeOfComparison(comparison);
  const title = outcome === undefined ? "what is known" : HEADLINES[outcome];
  const names = app.files.map(({ name }) => code(name)).join(", ");
  const against =
    form === undefined
      ? ""
      : ` against ${code(form.file)} (${describeForm(form)}): ${summarizeComparison(comparison)}`;
  return layOut(
    [
      { head: `## Data safety: ${title}\n\n${names}${against}.`, rows: [] },
      ...lists.filter(({ items }) => items.length > 0).map(describeList),
      ...(form === undefined || form.inconsistencies.length === 0
        ? []
        : [
            {
              head: "### The form contradicts itself\n",
              rows: form.inconsistencies.map(
                ({ line, message }) => `- ${code(`${form.file}:${line}`)} ${prose(message)}`,
              ),
            },
          ]),
      ...(unread.length === 0
        ? []
        : [
            {
              head: "### Not read\n\nNothing is claimed absent for what these could hide.\n",
              rows: unread.map((part) => `- ${code(part)}`),
            },
          ]),
      ...(undecided.length === 0
        ? []
        : [
            {
              head: `Declared, and not seen in what was read: ${undecided.map((id) => code(id)).join(", ")}.`,
              rows: [],
            },
          ]),
      ...(form === undefined ? [describeFacts(dataTypes)] : []),
      {
        head: "<sub>Access is not collection: what code could read on the device, not what it sends.</sub>",
        rows: [],
      },
    ],
    MOST_OF_A_COMMENT,
  );
}

function describeList({ kind, title, fix, items }: DataSafetyList): MarkdownBlock {
  const head = `### ${title}\n\n${prose(fix)}\n`;
  if (kind === "declared-not-observed")
    return { head: `${head}\n${items.map(({ dataType }) => code(dataType)).join(", ")}`, rows: [] };
  return {
    head: `${head}\n${tableHead(["", "Data type", "Who", "What is known"])}`,
    rows: items.map((item) =>
      tableRow([
        item.severity,
        code(item.dataType),
        prose(item.party?.name ?? ""),
        listKnown(item).join("<br>"),
      ]),
    ),
  };
}

function listKnown({ kind, documented, observed, purposes = [] }: DataSafetyItem): string[] {
  return [
    ...(kind === "undeclared-purpose" ? [`for ${purposes.map((one) => code(one)).join(", ")}`] : []),
    ...documented.map((use) => {
      const how = kind === "undeclared-purpose" ? "" : describeUse(use);
      return `${how === "" ? "" : `${prose(how)}: `}${code(describePage(use))}`;
    }),
    ...(observed === undefined
      ? []
      : [`${count(observed.callSites, "place")}, ${observed.confidence}: ${code(summarizeBest(observed))}`]),
  ];
}

function summarizeBest({ places: [best] }: ObservedAccess): string {
  return summarizePlace(best?.evidence, best?.api, PLACE_WIDTH);
}

function describeFacts(dataTypes: readonly DataTypeFacts[]): MarkdownBlock {
  return {
    head: `### What is known of each data type\n\n${tableHead(["Data type", "Documented", "Code could access it"])}`,
    rows: dataTypes.map(({ dataType, parties }) =>
      tableRow([
        code(dataType),
        parties
          .flatMap(({ party, documented }) =>
            documented.map((use) => `${prose(party.name)}: ${code(describePage(use))}`),
          )
          .join("<br>"),
        parties
          .filter(({ observed }) => observed?.isOpen)
          .map(({ party, observed }) => `${prose(party.name)} (${observed!.confidence})`)
          .join("<br>"),
      ]),
    ),
  };
}
