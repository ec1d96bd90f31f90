/**
 * The shape of a Data safety comparison as a zod schema: the JSON Schema that ships is made from it, and it checks
 * comparisons in tests. The command never loads it.
 */
import { z } from "zod";
import type { DataSafetyComparison } from "../policy/index.js";
import {
  confidenceSchema as confidence,
  evidenceSchema,
  limitSchema,
  partyKinds,
  rungSchema,
} from "./audit-result-schema.js";
import type { Explicit, IsSame } from "./same-shape.js";

const count = z.int().min(0);
const line = z.int().min(1);
const dataType = z.string().describe("Google Play's data type");

const partySchema = z.strictObject({
  id: z.string().describe("As the report has it"),
  kind: z.enum(partyKinds),
  name: z.string(),
  vendor: z.strictObject({ id: z.string(), name: z.string() }).exactOptional(),
  confidence: confidence.describe("That it is in the app"),
});

const documentedSchema = z.strictObject({
  collected: z.boolean(),
  shared: z.boolean().exactOptional(),
  purposes: z.array(z.string()).exactOptional(),
  source: z.string().describe("The vendor's page"),
  readOn: z.string().describe("The day on which it was read, ISO 8601"),
});

const observedSchema = z.strictObject({
  rung: rungSchema,
  confidence,
  isOpen: z.boolean().describe("That something is left of the data under the limits"),
  callSites: count.describe("Places in the code: all of them, also where evidence was cut"),
  limits: z.array(limitSchema).describe("What limits the least limited access"),
  findings: z.array(z.string()).describe("Ids of the report's findings"),
  places: z
    .array(z.strictObject({ api: z.string(), evidence: evidenceSchema }))
    .describe("A place of each of the best accesses, with the API or content URI that it refers to"),
});

const declaredSchema = z.strictObject({
  isChosen: z.boolean(),
  collected: z.boolean(),
  shared: z.boolean(),
  ephemeral: z.boolean().exactOptional().describe("Processed in memory only"),
  userControl: z.enum(["optional", "required"]).exactOptional(),
  collectionPurposes: z.array(z.string()),
  sharingPurposes: z.array(z.string()),
});

const kind = z.enum([
  "undeclared-collection",
  "undeclared-sharing",
  "undeclared-purpose",
  "undeclared-access",
  "declared-not-observed",
]);

const itemSchema = z.strictObject({
  id: z.string().describe("Stable: the same for the same thing in every build of an app"),
  kind,
  severity: z.enum(["error", "warning", "note"]),
  dataType,
  party: partySchema.exactOptional().describe("Whose code, or whose SDK, it is"),
  documented: z.array(documentedSchema).describe("What the vendor says: documented, not observed"),
  observed: observedSchema.exactOptional().describe("That its code refers to it: no proof that data is sent"),
  purposes: z.array(z.string()).exactOptional().describe("Purposes of collecting it that the form lacks"),
  line: line.exactOptional().describe("Of the form: where the answer would stand"),
  evidence: z.array(evidenceSchema).describe("What shows that the party is in the build, or its access"),
});

/** A comparison of a build with a Data safety form, as its JSON holds it. */
export const dataSafetySchema = z.strictObject({
  schemaVersion: z.string().describe("The first number changes when a reader of the old shape would break"),
  tool: z.strictObject({ name: z.string(), version: z.string(), rulesVersion: z.string() }),
  app: z.strictObject({
    files: z.array(z.strictObject({ name: z.string(), sha256: z.string(), size: count })),
    packageName: z.string().exactOptional(),
    versionCode: z.string().exactOptional(),
    versionName: z.string().exactOptional(),
  }),
  form: z
    .strictObject({
      file: z.string(),
      collects: z.boolean().exactOptional().describe("Whether it says that the app collects or shares data"),
      rows: count,
      unknownRows: count.describe("Rows with questions or answers that this version does not know"),
      isOld: z.boolean().describe("That it is of a template before today's"),
      inconsistencies: z.array(
        z.strictObject({ line, dataType: z.string().exactOptional(), message: z.string() }),
      ),
    })
    .exactOptional()
    .describe("Absent where none was given"),
  dataTypes: z
    .array(
      z.strictObject({
        dataType,
        name: z.string(),
        category: z.string(),
        declared: declaredSchema.exactOptional(),
        parties: z.array(
          z.strictObject({
            party: partySchema,
            documented: z.array(documentedSchema),
            observed: observedSchema.exactOptional(),
          }),
        ),
      }),
    )
    .describe("Data types of which anything is declared, documented or observed"),
  lists: z
    .array(z.strictObject({ kind, title: z.string(), fix: z.string(), items: z.array(itemSchema) }))
    .describe("In what form and build differ; none without a form"),
  undecided: z
    .array(z.string())
    .describe("Data types that are declared, and of which nothing was seen in what could be read"),
  depth: rungSchema.describe("The rung up to which was looked"),
  unread: z.array(z.string()).describe("Parts that could not be read: what they hide is not claimed absent"),
});

/** JSON Schema of a comparison, for the build. */
export function dataSafetyJsonSchema(): unknown {
  return {
    title: "Bycatch Data safety comparison",
    description:
      "What vendors document and what code could access, beside what a Data safety form declares. An access is no collection.",
    ...z.toJSONSchema(dataSafetySchema),
  };
}

// Does not compile once the schema and DataSafetyComparison part ways.
true satisfies IsSame<Explicit<DataSafetyComparison>, Explicit<z.infer<typeof dataSafetySchema>>>;
