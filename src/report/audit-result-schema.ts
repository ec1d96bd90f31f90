/**
 * The shape of an audit's result as a zod schema: the JSON Schema that ships is made from it, and it
 * checks reports in tests. A scan never loads it.
 */
import { z } from "zod";
import { type AuditResult, rungs, sinkKinds } from "../findings/index.js";
import type { Explicit, IsSame } from "./same-shape.js";

const count = z.int().min(0);
export const rungSchema = z.enum(rungs);
export const confidenceSchema = z.enum(["certain", "likely", "possible"]);
const confidence = confidenceSchema;
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const evidenceSchema = z.strictObject({
  kind: z.enum([
    "application-id",
    "component",
    "authority",
    "meta-data",
    "defines-permission",
    "permission",
    "native-library",
    "file",
    "class",
    "string",
    "host",
    "method-call",
    "field-read",
    "content-uri",
    "class-constant",
    "reflection",
    "override",
    "native-method",
  ]),
  entry: z.string().describe("The archive entry: classes2.dex or AndroidManifest.xml"),
  value: z
    .string()
    .describe("What was seen there: a class, a component's name, a file's path, a smali reference"),
  caller: z.string().exactOptional().describe("The method whose code holds it, smali form; code only"),
  codeUnit: count
    .exactOptional()
    .describe("Position in the caller's insns, in 16-bit code units as dexdump prints them"),
});

export const limitSchema = z.strictObject({
  kind: z.enum([
    "permission-missing",
    "permission-max-sdk",
    "api-level",
    "target-sdk",
    "never-for-location",
    "switched-off",
    "unknown",
  ]),
  leaves: z
    .enum(["nothing", "partial", "sometimes"])
    .describe("What is left of the data: nothing; less; on some devices only"),
  sinceSdkVersion: z
    .int()
    .exactOptional()
    .describe("First API level of devices on which it applies; absent where it always does"),
  untilSdkVersion: z
    .int()
    .exactOptional()
    .describe("Last API level of devices on which it applies; absent where there is none"),
  permissions: z.array(z.string()).exactOptional(),
  message: z.string().describe("One sentence"),
});

const appSchema = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), sha256, size: count })),
  packageName: z.string().exactOptional(),
  versionCode: z.string().exactOptional().describe("Decimal: it may exceed 2^53"),
  versionName: z.string().exactOptional(),
  minSdkVersion: z.union([z.number(), z.string()]).exactOptional(),
  targetSdkVersion: z.union([z.number(), z.string()]).exactOptional(),
  dexFiles: z.array(
    z.strictObject({ name: z.string(), classDefs: count, methods: count, instructions: count }),
  ),
  classes: count.describe("Sum of classDefs"),
  mapping: z
    .strictObject({
      name: z.string(),
      sha256,
      classes: count.describe("Classes of the app that it gave back their original names"),
    })
    .exactOptional()
    .describe("The mapping file by which names were restored: all names in this report are original ones"),
});

export const permissionSchema = z.strictObject({
  name: z.string(),
  protection: z
    .enum(["normal", "dangerous", "signature", "special", "unknown"])
    .describe("unknown: of one that the rules do not have"),
  maxSdkVersion: z.int().exactOptional(),
  usesPermissionFlags: z.array(z.string()).exactOptional(),
  impliedBy: z
    .strictObject({ permission: z.string().exactOptional(), because: z.string(), sinceSdkVersion: z.int() })
    .exactOptional()
    .describe("Given where the app does not request it: why Android adds it, and what brings it"),
  declaredBy: z
    .array(z.strictObject({ party: z.string(), confidence }))
    .describe("Who declared it, as far as the merged manifest of a finished build tells"),
  usedBy: z.array(z.string()).describe("Parties with code that calls what it guards"),
});

export const partyKinds = ["first-party", "sdk", "support-library", "unrecognised", "unattributed"] as const;

const ownSdkSchema = z.strictObject({
  id: z.string().describe("Id of its rule"),
  kind: z.enum(["sdk", "support-library"]),
  name: z.string(),
  why: z
    .enum(["own-vendor", "named"])
    .describe("The app's makers are its vendor; or --first-party named its code"),
  version: z.string().exactOptional(),
  confidence: confidence.describe("That it is in the app"),
  classes: count.describe("Classes of it that count as the first party's"),
  evidence: z.array(evidenceSchema),
});

export const partySchema = z.strictObject({
  id: z.string().describe("A rule's id; first-party; unattributed; or unrecognised:com.acme.tracker"),
  kind: z.enum(partyKinds),
  name: z.string(),
  vendor: z
    .strictObject({
      id: z.string(),
      name: z.string(),
      parent: z
        .strictObject({ id: z.string(), name: z.string() })
        .exactOptional()
        .describe("The company at the top of those that own it, where it is another"),
      owners: z
        .array(z.strictObject({ id: z.string(), name: z.string(), country: z.string().exactOptional() }))
        .exactOptional()
        .describe("All companies that own it, nearest first, the last of which is parent"),
      country: z.string().exactOptional(),
    })
    .exactOptional(),
  category: z.string().exactOptional(),
  version: z.string().exactOptional(),
  confidence: confidence.describe("That it is in the app"),
  classes: count,
  renamedClasses: count
    .exactOptional()
    .describe("Those of classes that have lost their names and must be its own; absent where there are none"),
  codeUnits: count.describe("Its code, in 16-bit code units"),
  ownSdks: z
    .array(ownSdkSchema)
    .exactOptional()
    .describe("Of the first party: SDKs and support libraries that are the app makers' own here"),
  switches: z
    .array(
      z.strictObject({
        metaData: z.string(),
        off: z.string(),
        value: z.string().exactOptional(),
        effect: z.string(),
        source: z.string().exactOptional(),
      }),
    )
    .exactOptional()
    .describe("Manifest switches that its vendor documents, and how they stand in this app"),
  practices: z
    .array(
      z.strictObject({
        dataType: z.string().describe("Google Play's data type"),
        collected: z.boolean(),
        shared: z.boolean().exactOptional(),
        purposes: z.array(z.string()).exactOptional(),
        source: z.string().describe("The vendor's page"),
        readOn: z.string().describe("The day on which it was read, ISO 8601"),
      }),
    )
    .exactOptional()
    .describe("What its vendor says about it: documented, not observed"),
  evidence: z.array(evidenceSchema),
});

const companySchema = z.strictObject({
  id: z.string().describe("Id of a vendor: the company at the top of those that own the parties' vendors"),
  name: z.string(),
  parties: z.array(z.string()).describe("Recognised third parties of this app that are its own in the end"),
  dataTypes: z.array(z.string()).describe("Data types that their code refers to"),
});

const entryPointKind = z.enum([
  "application",
  "activity",
  "service",
  "receiver",
  "provider",
  "initializer",
  "view",
]);

const reachChain = {
  component: z.string().describe("What Android makes an object of, as the manifest or a layout names it"),
  kind: entryPointKind,
  chain: z
    .tuple([z.string()], z.string())
    .describe("Smali references from the method that Android calls to the one that the code is in"),
  omitted: count.exactOptional().describe("Methods left out before the last one of the chain"),
};

const reachSchema = z.strictObject({
  ...reachChain,
  beforeConsent: z
    .strictObject(reachChain)
    .exactOptional()
    .describe("The shortest way that begins before anybody could be asked; absent where none was found"),
});

const reachabilitySchema = z.strictObject({
  entryPoints: count.describe("Classes that Android makes objects of, of which code can run"),
  methods: count.describe("Methods that can run"),
  gaps: z
    .array(
      z.strictObject({
        kind: z.enum(["limit", "unread", "other-code", "dynamic-code", "reflection", "native-method"]),
        methods: count.exactOptional().describe("Methods that can run and do so"),
      }),
    )
    .describe("Why more may run than that; where there is none, what has no reach cannot run"),
});

const flowEnd = {
  party: z.string(),
  api: z
    .string()
    .describe("Smali reference of the method or field; of a source as its rule has it, or the content URI"),
  entry: z.string().describe("The DEX file"),
  caller: z.string().describe("Smali reference of the method whose code it is"),
  codeUnit: count
    .exactOptional()
    .describe("In 16-bit code units; absent where Android calls the method with the value"),
};

const flowSchema = z.strictObject({
  id: z.string().describe("Stable: the same for the same thing in every build of an app"),
  dataType: z.string().describe("Google Play's data type"),
  yields: z.string().describe("What the source yields: the id of the rule"),
  kind: z
    .enum(["self-collected", "handed-over", "passed-on", "handed-back", "first-party"])
    .describe(
      "Who reads the value and who has it in the end: one third party both; the app's own code gives it to a third party; one third party to another; a third party to the app's own code; the app's own code both",
    ),
  partial: z.literal(true).exactOptional().describe("Only a part of the value"),
  encoded: z.literal(true).exactOptional().describe("Base64 of it"),
  encrypted: z.literal(true).exactOptional().describe("Ciphertext, whoever has the key"),
  hashed: z.literal(true).exactOptional().describe("A digest"),
  assumed: z
    .literal(true)
    .exactOptional()
    .describe("The way leads through a method of which no rule says what it does"),
  confidence,
  limits: z.array(limitSchema).describe("What stands before the source: of an access by the same API"),
  source: z.strictObject(flowEnd),
  sink: z.strictObject({
    ...flowEnd,
    kind: z.enum(sinkKinds).describe("Where data leaves the app's code"),
    hosts: z
      .array(z.string())
      .exactOptional()
      .describe("Of the kind network: where it is sent; unknown among them where no constant says"),
  }),
  path: z
    .array(z.strictObject({ entry: z.string(), caller: z.string(), codeUnit: count }))
    .describe(
      "Instructions that the value goes through, from the source to the sink; of a callback that is told of it, the first is its beginning (code unit 0)",
    ),
  omitted: count.exactOptional().describe("Steps left out of the middle of path"),
});

const flowCoverageSchema = z.strictObject({
  sources: count.describe("Places that yield personal data, in code that can run"),
  methods: count.describe("Methods that were gone through"),
  steps: count.describe("Instructions gone through, each as often as it was"),
  cutCalls: count.describe("Calls that can come to more methods than are gone into"),
  cutMethods: count.describe(
    "Methods not gone into in all the ways in which they are called, for what that costs or how deep they are called",
  ),
  cuts: z
    .array(z.strictObject({ party: z.string(), calls: count, methods: count }))
    .describe("The same by the party whose code it is"),
  isCut: z.boolean().describe("Whether the limit was reached: there may be more flows then"),
});

const accessSchema = z.strictObject({
  party: z.string(),
  api: z.string().describe("Smali reference of the method or field, or the content URI"),
  yields: z.string().describe("What it yields: the id of the rule"),
  dataType: z.string().describe("Google Play's data type"),
  confidence,
  callSites: count.describe("Places in the code: all of them, also where evidence was cut"),
  limits: z.array(limitSchema),
  reach: reachSchema
    .exactOptional()
    .describe(
      "How any of the places comes to run, by the shortest way; absent where none was found, or looked for",
    ),
  evidence: z.array(evidenceSchema),
});

const handOverSchema = z.strictObject({
  party: z.string().describe("The receiver"),
  api: z.string().describe("Smali reference of the method that is called"),
  caller: z.string().describe("The method of the app's own that calls it, smali form"),
  confidence: confidence.describe("That the method is given this: what value is passed is not followed"),
  callSites: count.describe("Calls in the caller: all of them, also where evidence was cut"),
  dataTypes: z
    .array(z.string())
    .describe("Google Play's data types that the method is given, by what it means"),
  passes: z
    .array(z.string())
    .exactOptional()
    .describe(
      "Data types of values that the app's code has read and passes; absent where none was seen, or flows were not looked for",
    ),
  events: z.array(z.string()).describe("Constant names of events"),
  properties: z.array(z.string()).describe("Constant names of properties"),
  evidence: z.array(evidenceSchema),
});

export const blindSpotKinds = [
  "reflection",
  "native-library",
  "dynamic-code",
  "web-view",
  "web-view-bridge",
  "native-method",
] as const;

const blindSpotSchema = z.strictObject({
  party: z.string(),
  kind: z
    .enum(blindSpotKinds)
    .describe(
      "reflection: names that are not constant; native-method and native-library: declared, loaded; dynamic-code: code that is loaded at run time; web-view: pages that are shown; web-view-bridge: objects that their scripts can call",
    ),
  sites: count.describe("Places in the code"),
  names: z.array(z.string()).describe("Constant names there: of libraries, of what a bridge is called"),
  evidence: z.array(evidenceSchema),
});

const hostSchema = z.strictObject({
  party: z.string(),
  host: z.string(),
  sites: count.describe("Places in the code that name it"),
  urls: z.array(z.string()).describe("The URLs named, each once"),
  evidence: z.array(evidenceSchema),
});

const findingSchema = z.strictObject({
  id: z.string().describe("Stable: the same for the same thing in every build of an app"),
  kind: z.enum([
    "data-access",
    "data-hand-over",
    "unused-permission",
    "piggy-back-permission",
    "missing-permission",
  ]),
  party: z.string(),
  dataType: z.string().exactOptional(),
  permissions: z
    .array(z.string())
    .exactOptional()
    .describe("The permissions it is about; several where a call needs one of them, or all"),
  rung: rungSchema.exactOptional(),
  flows: z
    .array(z.string())
    .exactOptional()
    .describe("Ids of the flows that it rests on; absent where it rests on none, or none were looked for"),
  flowsOmitted: count
    .exactOptional()
    .describe("Flows that it rests on beside those in flows; absent where there are none"),
  reach: reachSchema
    .exactOptional()
    .describe("Of the rung reachable and above: the shortest way to an access that the finding rests on"),
  confidence,
  limits: z
    .array(limitSchema)
    .describe("What stands between the code and the data, for every access that the finding rests on"),
  evidence: z.tuple([evidenceSchema], evidenceSchema),
});

const byPartyKind = z.strictObject({
  "first-party": count,
  sdk: count,
  "support-library": count,
  unrecognised: count,
  unattributed: count,
} satisfies Record<(typeof partyKinds)[number], typeof count>);

const coverageSchema = z.strictObject({
  attributedShare: z
    .number()
    .min(0)
    .max(1)
    .describe("Share of the code that belongs to a named party: all but unattributed"),
  classes: byPartyKind,
  codeUnits: byPartyKind,
  unread: z.array(z.string()).describe("Parts that could not be read: what they hide is not claimed absent"),
});

export const diagnosticSchema = z.strictObject({
  effect: z.enum(["unread", "odd"]),
  code: z.enum([
    "truncated",
    "bad-magic",
    "bad-value",
    "bad-offset",
    "bad-text",
    "unsupported",
    "bad-compression",
    "limit",
    "archive-oddity",
    "duplicate",
    "missing-part",
    "other-mapping",
  ]),
  part: z.string().describe("The archive entry or file concerned"),
  offset: count.exactOptional(),
  message: z.string(),
});

/** An audit's result, as the JSON report holds it. */
export const auditResultSchema = z.strictObject({
  schemaVersion: z.string().describe("The first number changes when a reader of the old shape would break"),
  tool: z.strictObject({ name: z.string(), version: z.string(), rulesVersion: z.string() }),
  depth: rungSchema.describe("The rung up to which was looked"),
  app: appSchema,
  permissions: z.array(permissionSchema),
  parties: z.array(partySchema),
  companies: z.array(companySchema).describe("Who is behind the recognised third parties"),
  accesses: z.array(accessSchema),
  handOvers: z
    .array(handOverSchema)
    .exactOptional()
    .describe(
      "What the app's own code hands over to third parties, by the methods that it calls; absent where none is seen",
    ),
  blindSpots: z
    .array(blindSpotSchema)
    .exactOptional()
    .describe("What reading the code does not show, by party; absent where there is none"),
  hosts: z.array(hostSchema),
  reachability: reachabilitySchema
    .exactOptional()
    .describe("What of the code can run; absent where that was not looked for"),
  flows: z
    .array(flowSchema)
    .exactOptional()
    .describe("Where personal data goes; absent where that was not looked for"),
  flowCoverage: flowCoverageSchema.exactOptional().describe("How much of the app was gone through for flows"),
  findings: z.array(findingSchema),
  coverage: coverageSchema,
  diagnostics: z.array(diagnosticSchema),
});

/** JSON Schema of the JSON report (of one app), for the build. */
export function reportJsonSchema(): unknown {
  return {
    title: "Bycatch report",
    description:
      "What an audit of one Android app found. An access is what code could do on the device, not proof that data leaves it.",
    ...z.toJSONSchema(auditResultSchema),
  };
}

// Does not compile once the schema and AuditResult part ways.
true satisfies IsSame<Explicit<AuditResult>, Explicit<z.infer<typeof auditResultSchema>>>;
