/**
 * The shape of a difference as a zod schema: the JSON Schema that ships is made from it, and tests check by it. The
 * command line never loads it.
 */
import { z } from "zod";
import type { Difference } from "../policy/index.js";
import {
  auditResultSchema,
  evidenceSchema,
  limitSchema,
  partyKinds,
  partySchema,
  permissionSchema,
} from "./audit-result-schema.js";
import type { Explicit, IsSame } from "./same-shape.js";

const { depth } = auditResultSchema.shape;

const sideSchema = z.strictObject({
  source: z.strictObject({ kind: z.enum(["apk", "report", "lockfile"]), name: z.string() }),
  packageName: z.string().exactOptional(),
  versionName: z.string().exactOptional(),
  versionCode: z.string().exactOptional().describe("Decimal: it may exceed 2^53"),
  rulesVersion: z.string().describe("Empty where a lockfile names none"),
  depth,
  attributedShare: z.number().min(0).max(1).describe("Share of the code that belongs to a named party"),
  unread: z
    .array(z.string())
    .describe("Parts that could not be read: what they may hold is not said to be absent"),
});

const caveatSchema = z.strictObject({
  kind: z.enum(["other-app", "other-rules", "other-depth", "unread", "other-share"]),
  message: z.string(),
});

const anyChange = {
  effect: z
    .enum(["more", "less", "other"])
    .describe("More: there is something that was not, or it reaches further; less: the other way round"),
  mayBeIn: z
    .enum(["before", "after"])
    .exactOptional()
    .describe(
      "The side that may have it as well, as not all of it was read; absent where the difference is sure",
    ),
};

const evidence = z.array(evidenceSchema).describe("Of the new build; empty of a lockfile");

const presenceChange = z.strictObject({
  kind: z.enum(["appeared", "left"]),
  ...anyChange,
  version: z.string().exactOptional(),
  evidence,
});

const versionChange = z.strictObject({
  kind: z.literal("version-changed"),
  ...anyChange,
  from: z.string().exactOptional().describe("Absent where it was not known"),
  to: z.string().exactOptional().describe("Absent where it is not known"),
});

const reach = z.strictObject({
  rung: depth,
  yieldsNothing: z.boolean().describe("Something stands before every access that leaves nothing of the data"),
});

const accessChange = z.strictObject({
  kind: z.enum([
    "newly-accesses",
    "now-yields",
    "reaches-further",
    "no-longer-accesses",
    "now-yields-nothing",
    "reaches-less-far",
  ]),
  ...anyChange,
  dataType: z.string().describe("Google Play's data type"),
  yields: z.string().describe("The kind of data, by the rule of what yields it"),
  before: reach.exactOptional(),
  after: reach.exactOptional(),
  limits: z.array(limitSchema).describe("What stands between the code of the new build and the data"),
  evidence,
});

const hostChange = z.strictObject({
  kind: z.enum(["host-gained", "host-lost"]),
  ...anyChange,
  host: z.string(),
  evidence,
});

const { kind: flowKind, sink } = auditResultSchema.shape.flows.unwrap().element.shape;

const flowChange = z.strictObject({
  kind: z.enum(["flow-gained", "flow-lost"]),
  ...anyChange,
  dataType: z.string().describe("Google Play's data type"),
  flow: flowKind,
  from: z.string().describe("Party whose code reads it"),
  fromName: z.string().exactOptional(),
  sink: sink.shape.kind,
  hosts: z
    .array(z.string())
    .exactOptional()
    .describe("Of the sink network: those that are new, or went; unknown where no constant says"),
  evidence,
});

const handOverChange = z.strictObject({
  kind: z
    .enum(["newly-handed", "no-longer-handed"])
    .describe(
      "By calls of the app's own code; where a side is a lockfile, a change for each data type that others' code gives the party, whose own brings it to where data leaves the app",
    ),
  ...anyChange,
  dataTypes: z.array(z.string()).describe("Google Play's data types"),
  events: z.array(z.string()).describe("Constant names of events"),
  evidence,
});

const { id, name, vendor, category } = partySchema.shape;

const partyDifference = z.strictObject({
  id,
  kind: z.enum(partyKinds),
  name: name.exactOptional().describe("Absent, as vendor and category, where both sides are lockfiles"),
  vendor,
  category,
  changes: z
    .array(z.union([presenceChange, versionChange, accessChange, flowChange, handOverChange, hostChange]))
    .describe("Never empty; the heaviest kind first"),
});

const request = z.strictObject({
  neverForLocation: z.literal(true).exactOptional(),
  maxSdkVersion: z.int().exactOptional(),
  by: z
    .array(z.strictObject({ party: z.string(), name: z.string().exactOptional() }))
    .describe("Who most likely brings it; android where Android adds it"),
});

const permissionChange = z.strictObject({
  kind: z.enum([
    "permission-gained",
    "requested-for-more",
    "permission-lost",
    "requested-for-fewer",
    "brought-by-others",
  ]),
  ...anyChange,
  permission: z.string(),
  protection: permissionSchema.shape.protection.exactOptional(),
  before: request.exactOptional(),
  after: request.exactOptional(),
});

/** What changed from one build to another, as `bycatch diff -f json` writes it. */
export const differenceSchema = z.strictObject({
  schemaVersion: z.string().describe("The first number changes when a reader of the old shape would break"),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  before: sideSchema,
  after: sideSchema,
  caveats: z.array(caveatSchema).describe("Why a difference may come from something else than the build"),
  parties: z
    .array(partyDifference)
    .describe("Those that changed: third parties first; among them, what changed most first"),
  permissions: z.array(permissionChange),
});

/** JSON Schema of a difference, for the build. */
export function differenceJsonSchema(): unknown {
  return {
    title: "Bycatch difference",
    description:
      "What changed from one Android build to another. An access is what code could do on the device, not proof that data leaves it.",
    ...z.toJSONSchema(differenceSchema),
  };
}

// Does not compile once the schema and Difference part ways.
true satisfies IsSame<Explicit<Difference>, Explicit<z.infer<typeof differenceSchema>>>;
