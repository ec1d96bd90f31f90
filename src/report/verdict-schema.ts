/**
 * The shape of a verdict as a zod schema: the JSON Schema that ships is made from it, and it checks verdicts in
 * tests. A check never loads it.
 */
import { z } from "zod";
import type { Verdict } from "../policy/index.js";
import {
  auditResultSchema,
  confidenceSchema,
  diagnosticSchema,
  evidenceSchema,
  rungSchema,
} from "./audit-result-schema.js";
import type { Explicit, IsSame } from "./same-shape.js";

const exceptionSchema = z.strictObject({
  because: z.string(),
  owner: z.string().describe("Who answers for it"),
  until: z.iso.date().exactOptional().describe("The last day on which it counts; absent where it has no end"),
});

const problemSchema = z.strictObject({
  id: z.string().describe("Stable: the same for the same thing in every build of an app"),
  severity: z
    .enum(["error", "warning", "note"])
    .describe("An error fails the check, a warning is told, a note is for the reader"),
  message: z.string().describe("One sentence: what is so"),
  fix: z.string().exactOptional().describe("What to do"),
  party: z.string().exactOptional(),
  dataType: z.string().exactOptional().describe("Google Play's data type"),
  yields: z.string().exactOptional().describe("The kind of data, finer than the data type"),
  permission: z.string().exactOptional(),
  permissions: z
    .array(z.string())
    .exactOptional()
    .describe("All that it is about, permission first; given where there are several"),
  host: z.string().exactOptional(),
  rung: rungSchema.exactOptional(),
  confidence: confidenceSchema.exactOptional(),
  findings: z.array(z.string()).describe("Ids of the report's findings that it rests on"),
  change: z
    .strictObject({ before: z.string().exactOptional(), after: z.string().exactOptional() })
    .exactOptional()
    .describe("The lockfile's line as it is, and as the build would have it"),
  evidence: z.array(evidenceSchema).describe("Empty where it is about something that is not there"),
  exception: exceptionSchema
    .exactOptional()
    .describe("Who agreed to it; where it counts all the same, until a day that has passed"),
});

const checkSchema = z.strictObject({
  id: z.string().describe("Of a policy's rule its id; else the kind"),
  kind: z.enum(["policy", "lockfile", "data-safety", "exceptions", "reading"]),
  title: z.string().describe("One sentence: what is asked"),
  because: z.string().exactOptional().describe("Why it is asked"),
  place: z
    .strictObject({ file: z.string(), line: z.int().min(1) })
    .exactOptional()
    .describe("Where it is written"),
  outcome: z
    .enum(["pass", "fail", "unknown"])
    .describe("unknown: none failed, and what was not read could hold what it asks about"),
  isTooShallow: z
    .literal(true)
    .exactOptional()
    .describe("Given where the report was made with less depth than this asks for"),
  problems: z.array(problemSchema).describe("What counts, the heaviest first"),
  excepted: z.array(problemSchema).describe("What would count but for an exception; each has one"),
});

/** A verdict, as its JSON holds it. */
export const verdictSchema = z.strictObject({
  schemaVersion: z.string().describe("The first number changes when a reader of the old shape would break"),
  tool: auditResultSchema.shape.tool,
  app: auditResultSchema.shape.app.pick({
    files: true,
    packageName: true,
    versionCode: true,
    versionName: true,
  }),
  outcome: z
    .enum(["pass", "fail", "incomplete"])
    .describe(
      "incomplete: no check failed, but parts could not be read and that was not allowed, or what a check asks about was not looked for",
    ),
  checks: z.array(checkSchema),
  unread: z.array(z.string()).describe("Parts that could not be read"),
  diagnostics: z.array(diagnosticSchema).describe("Why each could not be"),
});

/** JSON Schema of a verdict, for the build. */
export function verdictJsonSchema(): unknown {
  return {
    title: "Bycatch verdict",
    description: "Whether a build may ship, by a policy, a lockfile, a Data safety form.",
    ...z.toJSONSchema(verdictSchema, { reused: "ref" }),
  };
}

// Does not compile once the schema and Verdict part ways.
true satisfies IsSame<Explicit<Verdict>, Explicit<z.infer<typeof verdictSchema>>>;
