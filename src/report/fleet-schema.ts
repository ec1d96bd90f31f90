/**
 * The shape of a fleet's summary as a zod schema: the JSON Schema that ships is made from it, and tests check by it. The
 * command line never loads it.
 */
import { z } from "zod";
import type { FleetSummary } from "../store/index.js";
import { auditResultSchema } from "./audit-result-schema.js";
import type { Explicit, IsSame } from "./same-shape.js";

const count = z.int().min(0);
const apps = count.describe("Apps; of those that could be read, whole or in part");
const share = z.number().min(0).max(1);
const dataTypes = z
  .array(z.string())
  .describe("Google Play's data types that the code refers to in some app, of which not all is kept from it");

/** The first rows of a list, and how many it has. */
function top<T extends z.ZodType>(row: T) {
  return z.strictObject({
    total: count.describe("Rows in all; those beyond a limit are left out"),
    rows: z.array(row),
  });
}

const reach = {
  referenced: count.describe("Apps whose code refers to an API that yields it, and something may come of it"),
  permitted: count.describe("Apps whose permissions open it, while no use was seen in the code"),
  yieldsNothing: count.describe(
    "Apps whose code refers to an API that yields it, while something leaves nothing of it on any device",
  ),
};

const cells = z.array(z.strictObject({ dataType: z.string(), ...reach }));

const named = { id: z.string(), name: z.string() };

const app = {
  app: z.string().describe("SHA-256 of its file"),
  packageName: z.string().exactOptional(),
  versionName: z.string().exactOptional(),
  path: z.string(),
  isIncomplete: z.boolean().describe("Parts could not be read: there may be more in it"),
};

const spread = z.strictObject({ median: z.number(), most: z.number() });

const change = top(z.string())
  .exactOptional()
  .describe("Absent where there is no version before, or it cannot be said as one was not read whole");

const version = z.strictObject({
  versionCode: z.string().describe("Decimal: it may exceed 2^53"),
  versionName: z.string().exactOptional(),
  isIncomplete: z.boolean().describe("Parts could not be read"),
  thirdParties: count,
  dataTypes: count,
  permissions: count,
  came: change,
  went: change,
});

/** What is known of all apps of a store together, as `bycatch report -f json` writes it. */
export const fleetSchema = z.strictObject({
  schemaVersion: z.string().describe("The first number changes when a reader of the old shape would break"),
  evaluation: z
    .strictObject({
      id: z.string(),
      tool: z.string().exactOptional(),
      rulesVersion: z.string().exactOptional(),
      depth: auditResultSchema.shape.depth.exactOptional(),
      firstParty: z.array(z.string()).readonly().exactOptional(),
    })
    .describe("By what the apps were judged; the id alone where the store has lost the rest"),
  apps: z.strictObject({
    total: count,
    audited: count.describe("Read whole"),
    incomplete: count.describe("Parts could not be read: what those hide is not claimed absent"),
    failed: count,
    failures: top(z.strictObject({ reason: z.string(), apps: count })),
    packages: count.describe("Different application ids"),
    withThirdParty: apps,
    withAccess: apps,
    thirdParties: spread,
    dataTypes: spread,
    attributedShare: z.strictObject({
      median: share.exactOptional(),
      histogram: z.array(count).describe("Apps with a share of 0 to 0.1, 0.1 to 0.2, … 0.9 to 1, and of 1"),
    }),
  }),
  sdks: top(
    z.strictObject({
      ...named,
      vendor: z.string().exactOptional(),
      company: z.string().exactOptional(),
      category: z.string().exactOptional(),
      apps,
      dataTypes,
    }),
  ),
  categories: top(z.strictObject({ category: z.string(), sdks: count, apps })),
  companies: top(
    z.strictObject({
      ...named,
      apps,
      sdks: count,
      vendors: top(z.strictObject({ ...named, apps })),
      dataTypes,
    }),
  ),
  dataTypes: top(z.strictObject({ dataType: z.string(), ...reach, parties: count })),
  vendors: top(
    z.strictObject({
      ...named,
      company: z.string().exactOptional().describe("At the top of those that own it, where it is another"),
      country: z.string().exactOptional(),
      apps,
      cells,
    }),
  ),
  unrecognised: z.strictObject({ apps, cells }).describe("All unrecognised third parties together"),
  permissions: top(
    z.strictObject({
      permission: z.string(),
      protection: z.string(),
      requested: apps.describe("Apps that request it"),
      implied: count.describe("Apps to which Android adds it, and that do not request it"),
      broughtByOthers: count.describe("In which a third party or a library is known to bring it"),
      usedByThirdPartiesOnly: count.describe("In which only third parties' code was seen to use it"),
    }),
  ),
  hosts: top(z.strictObject({ host: z.string(), apps, parties: top(z.strictObject(named)) })),
  versions: top(
    z.strictObject({
      ...named,
      apps,
      known: count.describe("Apps in which its version is known"),
      oldest: z.string().exactOptional().describe("Of the texts that are versions; missing where none is"),
      newest: z.string().exactOptional(),
      versions: top(z.strictObject({ version: z.string(), apps })),
    }),
  ),
  outliers: z.strictObject({
    mostThirdParties: z.array(z.strictObject({ ...app, thirdParties: count })),
    mostDataTypes: z.array(z.strictObject({ ...app, dataTypes: count })),
    leastAttributed: z.array(z.strictObject({ ...app, attributedShare: share })),
    rareSdks: top(z.strictObject({ ...named, app: z.strictObject(app) })),
    unrecognised: top(z.strictObject({ name: z.string(), packages: count, apps, dataTypes })),
  }),
  trends: top(z.strictObject({ packageName: z.string(), versions: top(version) })),
});

/** JSON Schema of a fleet's summary, for the build. */
export function fleetJsonSchema(): unknown {
  return {
    title: "Bycatch fleet summary",
    description:
      "What is known of all apps of a store together. An access is what code could do on the device, not proof that data leaves it.",
    ...z.toJSONSchema(fleetSchema),
  };
}

// Does not compile once the schema and FleetSummary part ways.
true satisfies IsSame<Explicit<FleetSummary>, Explicit<z.infer<typeof fleetSchema>>>;
