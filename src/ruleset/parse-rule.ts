import type { z } from "zod";
import { UsageError } from "../diagnostics/index.js";
import { type BlindSpot, blindSpotsSchema, type HandOverRule, handOverRuleSchema } from "./call-schema.js";
import { type FlowRule, flowRuleSchema } from "./flow-schema.js";
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
import { deepestIssue, describeIssue, parseYaml } from "./yaml-file.js";

/** One rule file, checked, told apart by kind. */
export type RuleFile =
  | { readonly kind: "sdk"; readonly rule: SdkRule }
  | { readonly kind: "support-library"; readonly rule: SupportLibraryRule }
  | { readonly kind: "vendor"; readonly rule: Vendor }
  | { readonly kind: "api"; readonly rule: ApiRule }
  | { readonly kind: "flow"; readonly rule: FlowRule }
  | { readonly kind: "hand-over"; readonly rule: HandOverRule }
  | { readonly kind: "blind-spots"; readonly rule: { readonly "blind-spots": readonly BlindSpot[] } }
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
  { kind: "flow", keys: ["models"], schema: flowRuleSchema },
  { kind: "hand-over", keys: ["calls"], schema: handOverRuleSchema },
  { kind: "blind-spots", keys: ["blind-spots"], schema: blindSpotsSchema },
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
  const file = parseYaml(text, path);
  const { value } = file;
  const kind = findKind(value);
  if (kind === undefined) {
    throw new UsageError(
      `${path}:1:1`,
      "this is no rule file: it has none of the keys `signatures`, `apis`, `models`, `calls`, `blind-spots`, `data-types`, `permissions`, nor `id` and `name`",
      "See rules/README.md for what each kind of rule file holds.",
    );
  }
  const checked = kind.schema.safeParse(value);
  if (checked.success) return { kind: kind.kind, rule: checked.data } as RuleFile;
  const issue = deepestIssue(checked.error.issues);
  throw new UsageError(file.placeOf(issue.path), describeIssue(issue, value), adviceFor(kind.kind, issue));
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

function adviceFor(kind: RuleFile["kind"], issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    return `Remove or correct ${issue.keys.map((key) => `\`${key}\``).join(", ")}; rules/README.md lists the keys of a rule of kind ${kind}.`;
  }
  return `See "How to write a rule" (rules/README.md), or the JSON Schema of a rule of kind ${kind}.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
