/**
 * The policy's schema: the JSON Schema that ships is made from it, and so is the validator that a check runs; only
 * a policy that this validator refuses loads zod, to say why.
 */
import { z } from "zod";
import { type FindingKind, findingKinds, rungs } from "../findings/index.js";
import { sdkCategories } from "../ruleset/index.js";
import { severities } from "./verdict.js";

/** Items of a list: no policy has as many. */
const MOST_ITEMS = 2_000;

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1).max(MOST_ITEMS)]);

/** Text of at most so many characters: of a longer one no pattern is tried, which may have no end. */
const text = (most: number) => z.string().max(most, { abort: true });
const name = text(500).min(1);
const sentence = text(2_000).min(1);

const id = text(100).regex(
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  "an id is kebab-case: lower-case letters and digits, joined by single hyphens",
);

const day = z.iso.date().describe("The last day on which it counts, 2026-12-31");

/** Kinds of party that a policy speaks of; `third-party` is an SDK or an unrecognised third party. */
export const partySelectors = [
  "third-party",
  "sdk",
  "unrecognised",
  "first-party",
  "support-library",
  "unattributed",
  "any",
] as const;

const selectorKeys = {
  party: oneOrMore(z.enum(partySelectors)).optional().describe("Kind of party; third-party unless said"),
  sdk: oneOrMore(name)
    .optional()
    .describe("Id of an SDK, or of a party as reports name it: unrecognised:com.acme"),
  vendor: oneOrMore(id).optional().describe("Id of the SDK's maker"),
  company: oneOrMore(id).optional().describe("Id of the maker, or of a company that owns it"),
  category: oneOrMore(z.enum(sdkCategories)).optional().describe("The SDK's category"),
  country: oneOrMore(text(500).regex(/^[A-Z]{2}$/, "a country is written as two capitals, ISO 3166-1: US"))
    .optional()
    .describe("Seat of the maker, or of a company that owns it"),
  yields: oneOrMore(id)
    .optional()
    .describe(
      "A kind of data, finer than Google's types: advertising-id, imei-meid; the id of what a report's accesses yield",
    ),
  "data-type": oneOrMore(id).optional().describe("Google Play's data type that its code could access"),
  rung: z
    .enum(rungs)
    .optional()
    .describe("The least that the evidence must show of an access; referenced unless said"),
  "before-consent": z
    .literal(true)
    .optional()
    .describe(
      "Only what can run before anybody could be asked: from a provider, the Application, or a receiver of what the system tells an app that nobody has opened",
    ),
  permission: oneOrMore(name)
    .optional()
    .describe("A permission, in full or by its last part: READ_PHONE_STATE"),
  host: oneOrMore(
    text(253).regex(
      /^(\*\.)?([a-z0-9_-]+\.)+[a-z0-9-]+$/,
      "a host is a lower-case domain name; `*.acme.com` is all below acme.com",
    ),
  )
    .optional()
    .describe("A host that code names; `*.acme.com` is all below acme.com"),
  finding: oneOrMore(z.enum(Object.keys(findingKinds) as [FindingKind, ...FindingKind[]]))
    .optional()
    .describe("Kind of a report's finding"),
  confidence: z
    .enum(["certain", "likely", "possible"])
    .optional()
    .describe("The least sureness that counts; likely unless said"),
};

// A refinement is no part of a JSON Schema, by which a policy is checked first: the schema is told it, too.
const selector = z
  .strictObject(selectorKeys)
  .refine((keys) => Object.keys(keys).length > 0, "says nothing: give it a key")
  .meta({ minProperties: 1 });

const requirement = z
  .strictObject({
    ...selectorKeys,
    "switched-off": oneOrMore(name)
      .optional()
      .describe(
        "Names of <meta-data> switches that vendors document, each of which must stand at off where its SDK is in the build; `any` is all of them",
      ),
  })
  .refine((keys) => Object.keys(keys).length > 0, "says nothing: give it a key")
  .meta({ minProperties: 1 });

const ruleSchema = z.strictObject({
  id,
  title: sentence.optional().describe("One sentence: what is asked"),
  deny: selector.optional().describe("What must not be in the build; all keys together, any value of a key"),
  require: requirement.optional().describe("What must be in the build"),
  unless: selector.optional().describe("What a deny leaves alone"),
  severity: z.enum(severities).optional().describe("error (which fails) unless said"),
  because: sentence.optional().describe("Why it is asked: told with each problem"),
  fix: sentence.optional().describe("What to do about it: told with each problem"),
});

const exceptionSchema = z.strictObject({
  rule: id.describe("Id of the rule, or data-safety"),
  for: selector.optional().describe("What of it is agreed to; all of it unless said"),
  because: sentence.describe("Why it was agreed to"),
  owner: name.describe("Who answers for it"),
  until: day.optional(),
});

/** A policy file. */
export const policySchema = z.strictObject({
  "policy-version": z.literal(1),
  extends: z
    .array(name)
    .max(MOST_ITEMS)
    .optional()
    .describe("Policies to build on: names of those that ship, or paths from this file"),
  disable: z.array(id).max(MOST_ITEMS).optional().describe("Ids of rules of those that are not asked here"),
  rules: z.array(ruleSchema).max(MOST_ITEMS).optional(),
  exceptions: z.array(exceptionSchema).max(MOST_ITEMS).optional(),
});

/** Every key that stands anywhere in a policy. */
export const policyKeys: readonly string[] = [
  ...Object.keys(policySchema.shape),
  ...Object.keys(ruleSchema.shape),
  ...Object.keys(exceptionSchema.shape),
  ...Object.keys(requirement.shape),
];

/** JSON Schema of a policy, for editors and the build. */
export function policyJsonSchema(): Record<string, unknown> {
  return { title: "Bycatch policy", ...z.toJSONSchema(policySchema, { reused: "ref" }) };
}

export type PolicyFile = z.infer<typeof policySchema>;
export type PolicyRule = z.infer<typeof ruleSchema>;
export type PolicyException = z.infer<typeof exceptionSchema>;
export type Selector = z.infer<typeof selector>;
export type Requirement = z.infer<typeof requirement>;
