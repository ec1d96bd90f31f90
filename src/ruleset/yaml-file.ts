import { type Alias, type Document, isNode, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { UsageError } from "../diagnostics/index.js";

/** A file's YAML as plain data, and where each part of it stands. */
export interface YamlFile {
  readonly path: string;
  readonly value: unknown;
  /** `file:line:column` of what a path of keys leads to; of the nearest thing around it where it is not there. */
  placeOf(keys: readonly PropertyKey[]): string;
}

/**
 * Parses YAML that users write.
 *
 * @param path of the file, for messages
 * @throws UsageError naming file, line and column
 */
export function parseYaml(text: string, path: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const syntax = document.errors[0];
  if (syntax?.code === "MULTIPLE_DOCS")
    throw new UsageError(
      place(syntax.pos[0]),
      "a second document begins here",
      "Make a file of each, or remove the `---`.",
    );
  if (syntax !== undefined)
    throw new UsageError(place(syntax.pos[0]), firstLine(syntax.message), "Mend the YAML there.");
  const value = toValue(document, (alias) => place(alias?.range?.[0] ?? 0));
  return { path, value, placeOf: (keys) => place(offsetOf(document, keys)) };
}

/** A reference to an anchor that is not there, or to far too many, is found only here. */
function toValue(document: Document, placeOf: (alias: Alias | undefined) => string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new UsageError(
      placeOf(findAlias(document)),
      cause.message,
      "Write the value out instead of referring to an anchor.",
      { cause },
    );
  }
}

/** The first alias of an anchor that is not there; where all are, the first. */
function findAlias(document: Document): Alias | undefined {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  return aliases.find((alias) => alias.resolve(document) === undefined) ?? aliases[0];
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** A union reports only that nothing fitted; the branch that came closest says what to mend. */
export function deepestIssue(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  // A key that is not known tells more than the one that is missing for it.
  const issue = issues.find(isForeignBranch) ?? issues[0]!;
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const inner = issue.errors.filter((branch) => branch.length > 0 && !branch.some(isForeignBranch));
  const [nearest] = inner.sort((a, b) => nearness(b[0]!) - nearness(a[0]!));
  if (nearest === undefined) {
    const unknown = new Set(issue.errors.flat().flatMap((inner) => ("keys" in inner ? inner.keys : [])));
    const allowed = new Set(issue.errors.flat().flatMap(({ path }) => path.slice(0, 1).map(String)));
    // A form that only has more keys than it should has the one that makes it.
    if (issue.errors.some((branch) => branch.length > 0 && branch.every(isForeignBranch)))
      return { ...issue, message: "says several things at once: give each an item of its own" };
    const found = unknown.size === 0 ? "these keys" : [...unknown].map((key) => `\`${key}\``).join(", ");
    return {
      ...issue,
      message: `nothing that is allowed here has ${found}; there are ${[...allowed].join(", ")}`,
    };
  }
  const found = deepestIssue(nearest);
  return { ...found, path: [...issue.path, ...found.path] };
}

/** What is wrong, with the key that it is about. */
export function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const key = issue.path.join(".");
  const found = issue.path.reduce<unknown>(
    (inner, name) => (inner as Record<PropertyKey, unknown>)?.[name],
    value,
  );
  if (found === undefined && key !== "") return `\`${key}\` is missing`;
  const message =
    issue.code === "invalid_format" && issue.format === "date"
      ? "is no day of the calendar; one is written 2026-01-31"
      : issue.message;
  return key === "" ? message : `${key}: ${message}`;
}

/** The deeper the mistake, the more fitted; what is of another type altogether fitted least. */
function nearness({ path, code }: z.core.$ZodIssue): number {
  return 2 * path.length + (code === "invalid_type" ? 0 : 1);
}

/** A branch that complains of keys it does not know is about another kind of item. */
function isForeignBranch(issue: z.core.$ZodIssue): boolean {
  return issue.code === "unrecognized_keys";
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.replace(/ at line \d+, column \d+:$/, "");
}
