import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { UsageError } from "../diagnostics/index.js";
import {
  type ApiRule,
  apiRuleSchema,
  type DataTypes,
  dataTypesSchema,
  type NestedPrefixes,
  nestedPrefixesSchema,
  type Permissions,
  permissionsSchema,
  type SdkRule,
  type SharedNames,
  type SupportLibraryRule,
  sdkRuleSchema,
  sharedNamesSchema,
  supportLibraryRuleSchema,
  type Vendor,
  vendorSchema,
} from "./schema.js";

/** One rule file, checked, told apart by kind. */
export type RuleFile =
  | { readonly kind: "sdk"; readonly rule: SdkRule }
  | { readonly kind: "support-library"; readonly rule: SupportLibraryRule }
  | { readonly kind: "vendor"; readonly rule: Vendor }
  | { readonly kind: "api"; readonly rule: ApiRule }
  | { readonly kind: "data-types"; readonly rule: DataTypes }
  | { readonly kind: "permissions"; readonly rule: Permissions }
  | { readonly kind: "shared-names"; readonly rule: SharedNames }
  | {
      readonly kind: "nested-prefixes";
      readonly rule: { readonly "nested-prefixes": readonly NestedPrefixes[] };
    };

/** A kind of rule file: the top-level keys that tell it from the others, and its schema. */
const kinds = [
  { kind: "sdk", keys: ["signatures", "category"], schema: sdkRuleSchema },
  { kind: "support-library", keys: ["signatures"], schema: supportLibraryRuleSchema },
  { kind: "api", keys: ["apis"], schema: apiRuleSchema },
  { kind: "data-types", keys: ["data-types"], schema: dataTypesSchema },
  { kind: "permissions", keys: ["permissions"], schema: permissionsSchema },
  { kind: "shared-names", keys: ["shared-roots"], schema: sharedNamesSchema },
  { kind: "nested-prefixes", keys: ["nested-prefixes"], schema: nestedPrefixesSchema },
  { kind: "vendor", keys: ["id", "name"], schema: vendorSchema },
] as const;

/**
 * Checks one rule file's text. What kind of rule it is follows from its top-level keys.
 *
 * @param path of the file, for messages
 * @throws UsageError naming file, line and column, what is wrong and what to do
 */
export function parseRuleFile(text: string, path: string): RuleFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const syntax = document.errors[0];
  if (syntax !== undefined) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    throw new UsageError(`${path}:${line}:${col}`, firstLine(syntax.message), "Mend the YAML there.");
  }
  const value = toValue(document, path);
  const kind = findKind(value);
  if (kind === undefined) {
    throw new UsageError(
      `${path}:1:1`,
      "this is no rule file: it has none of the keys `signatures`, `apis`, `data-types`, `permissions`, nor `id` and `name`",
      "See rules/README.md for what each kind of rule file holds.",
    );
  }
  const checked = kind.schema.safeParse(value);
  if (checked.success) return { kind: kind.kind, rule: checked.data } as RuleFile;
  const issue = deepestIssue(checked.error.issues);
  const { line, col } = lines.linePos(offsetOf(document, issue.path));
  throw new UsageError(`${path}:${line}:${col}`, describeIssue(issue, value), adviceFor(kind.kind, issue));
}

/** A reference to an anchor that is not there, or to far too many, is found only here. */
function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new UsageError(path, cause.message, "Write the value out instead of referring to an anchor.", {
      cause,
    });
  }
}

/** Keys that only one kind of rule has: they tell what a file with a misspelt key was meant to be. */
const hints = { category: "sdk", practices: "sdk", switches: "sdk", "data-type": "api" } as const;

function findKind(value: unknown): (typeof kinds)[number] | undefined {
  if (!isRecord(value)) return undefined;
  const hint = Object.entries(hints).find(([key]) => key in value)?.[1];
  const kind = kinds.find(({ keys }) => keys.every((key) => key in value));
  return kind === undefined || kind.kind === "vendor"
    ? (kinds.find((one) => one.kind === hint) ?? kind)
    : kind;
}

/** A union reports only that nothing fitted; the branch that came closest says what to mend. */
function deepestIssue(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  // A key that is not known tells more than the one that is missing for it.
  const issue = issues.find(isForeignBranch) ?? issues[0]!;
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const inner = issue.errors.filter((branch) => branch.length > 0 && !branch.some(isForeignBranch));
  const nearest = inner[0];
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
function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const key = issue.path.join(".");
  const found = issue.path.reduce<unknown>(
    (inner, name) => (inner as Record<PropertyKey, unknown>)?.[name],
    value,
  );
  if (found === undefined && key !== "") return `\`${key}\` is missing`;
  const message =
    issue.code === "invalid_format" && issue.format === "date"
      ? "a day is written 2026-01-31"
      : issue.message;
  return key === "" ? message : `${key}: ${message}`;
}

/** A branch that complains of keys it does not know is about another kind of item. */
function isForeignBranch(issue: z.core.$ZodIssue): boolean {
  return issue.code === "unrecognized_keys";
}

function adviceFor(kind: RuleFile["kind"], issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    return `Remove or correct ${issue.keys.map((key) => `\`${key}\``).join(", ")}; rules/README.md lists the keys of a rule of kind ${kind}.`;
  }
  return `See "How to write a rule" (rules/README.md), or the JSON Schema of a rule of kind ${kind}.`;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
