import {
  type FleetApp,
  type FleetSummary,
  fleetLimits,
  type Reach,
  type Top,
} from "../../src/store/index.js";

function all<T>(...rows: readonly T[]): Top<T> {
  return { total: rows.length, rows };
}

function reach(dataType: string, referenced: number, permitted = 0, yieldsNothing = 0) {
  return { dataType, referenced, permitted, yieldsNothing };
}

const speedTest: FleetApp = {
  app: "ab".repeat(32),
  packageName: "com.example.speedtest",
  versionName: "5.4.1",
  path: "apps/speedtest-541.apk",
  isIncomplete: false,
};

/** A small fleet with something in each section. */
export const exampleFleet: FleetSummary = {
  schemaVersion: "1.0",
  evaluation: {
    id: "0123456789abcdef",
    tool: "0.1.0",
    rulesVersion: "5badd76e68c2",
    depth: "referenced",
    firstParty: ["com.example"],
  },
  apps: {
    total: 1_250,
    audited: 1_200,
    incomplete: 30,
    failed: 20,
    failures: all({ reason: "format", apps: 12 }, { reason: "timeout", apps: 8 }),
    packages: 1_100,
    withThirdParty: 1_130,
    withAccess: 980,
    thirdParties: { median: 7.5, most: 48 },
    dataTypes: { median: 3, most: 14 },
    attributedShare: { median: 0.9765, histogram: [0, 1, 2, 3, 5, 8, 13, 21, 34, 900, 243] },
  },
  sdks: all(
    {
      id: "acme-analytics",
      name: "Acme Analytics",
      vendor: "Acme Data GmbH",
      company: "Acme Holding, Inc.",
      category: "analytics",
      apps: 900,
      dataTypes: ["device-or-other-ids", "precise-location"],
    },
    {
      id: "torch-ads",
      name: "Torch Ads",
      vendor: "Torch, Inc.",
      company: "Torch, Inc.",
      category: "advertising",
      apps: 12,
      dataTypes: [],
    },
    {
      id: "of-nobody",
      name: "An SDK of nobody",
      vendor: undefined,
      company: undefined,
      category: undefined,
      apps: 1,
      dataTypes: ["a", "b", "c", "d", "e", "f", "g", "h"].map((letter) => `data-type-${letter}`),
    },
  ),
  categories: all(
    { category: "analytics", sdks: 1, apps: 900 },
    { category: "advertising", sdks: 1, apps: 12 },
  ),
  companies: all(
    {
      id: "acme-holding",
      name: "Acme Holding, Inc.",
      apps: 900,
      sdks: 1,
      vendors: { total: 9, rows: [{ id: "acme", name: "Acme Data GmbH", apps: 900 }] },
      dataTypes: ["device-or-other-ids", "precise-location"],
    },
    {
      id: "torch",
      name: "Torch, Inc.",
      apps: 12,
      sdks: 1,
      vendors: all({ id: "torch", name: "Torch, Inc.", apps: 12 }),
      dataTypes: [],
    },
  ),
  dataTypes: all(
    { ...reach("device-or-other-ids", 850, 20, 5), parties: 14 },
    { ...reach("precise-location", 310, 40, 60), parties: 6 },
    { ...reach("contacts", 0, 3), parties: 0 },
  ),
  vendors: {
    total: 7,
    rows: [
      {
        id: "acme",
        name: "Acme Data GmbH",
        company: "Acme Holding, Inc.",
        country: "DE",
        apps: 900,
        cells: [reach("device-or-other-ids", 840, 10, 5), reach("precise-location", 300, 40, 60)],
      },
      {
        id: "torch",
        name: "Torch, Inc.",
        company: undefined,
        country: undefined,
        apps: 12,
        cells: [reach("contacts", 0, 3)],
      },
    ],
  },
  unrecognised: { apps: 40, cells: [reach("device-or-other-ids", 10, 10), reach("precise-location", 10)] },
  permissions: all(
    {
      permission: "android.permission.ACCESS_FINE_LOCATION",
      protection: "dangerous",
      requested: 400,
      implied: 0,
      broughtByOthers: 30,
      usedByThirdPartiesOnly: 70,
    },
    {
      permission: "com.example.permission.C2D_MESSAGE",
      protection: "signature",
      requested: 2,
      implied: 1,
      broughtByOthers: 0,
      usedByThirdPartiesOnly: 0,
    },
  ),
  hosts: all({
    host: "sdk.acme.example",
    apps: 880,
    parties: { total: 5, rows: [{ id: "acme-analytics", name: "Acme Analytics" }] },
  }),
  versions: all({
    id: "acme-analytics",
    name: "Acme Analytics",
    apps: 900,
    known: 700,
    oldest: "1.9.0",
    newest: "1.12.3",
    versions: {
      total: 12,
      rows: [
        { version: "1.12.3", apps: 300 },
        { version: "1.9.0", apps: 20 },
      ],
    },
  }),
  outliers: {
    mostThirdParties: [{ ...speedTest, isIncomplete: true, thirdParties: 48 }],
    mostDataTypes: [{ ...speedTest, dataTypes: 14 }],
    leastAttributed: [
      { ...speedTest, packageName: undefined, versionName: undefined, attributedShare: 0.1234 },
    ],
    rareSdks: all({ id: "of-nobody", name: "An SDK of nobody", app: speedTest }),
    unrecognised: all({
      name: "com.tracker.core",
      packages: 31,
      apps: 33,
      dataTypes: ["precise-location"],
    }),
  },
  trends: all(
    {
      packageName: "com.example.speedtest",
      versions: {
        total: 14,
        rows: [
          {
            versionCode: "530",
            versionName: "5.3.0",
            isIncomplete: false,
            thirdParties: 12,
            dataTypes: 3,
            permissions: 9,
            came: undefined,
            went: undefined,
          },
          {
            versionCode: "540",
            versionName: "5.4.0",
            isIncomplete: true,
            thirdParties: 14,
            dataTypes: 5,
            permissions: 10,
            came: { total: 9, rows: ["Acme Analytics", "Torch Ads"] },
            went: undefined,
          },
          {
            versionCode: "541",
            versionName: undefined,
            isIncomplete: false,
            thirdParties: 13,
            dataTypes: 5,
            permissions: 10,
            came: undefined,
            went: all("Torch Ads"),
          },
        ],
      },
    },
    {
      packageName: "com.example.other",
      versions: all(
        {
          versionCode: "1",
          versionName: "1",
          isIncomplete: false,
          thirdParties: 0,
          dataTypes: 0,
          permissions: 0,
          came: undefined,
          went: undefined,
        },
        {
          versionCode: "2",
          versionName: "2",
          isIncomplete: false,
          thirdParties: 0,
          dataTypes: 0,
          permissions: 0,
          came: all<string>(),
          went: all<string>(),
        },
      ),
    },
  ),
};

/** What a store without any app that could be read gives. */
export const emptyFleet: FleetSummary = {
  schemaVersion: "1.0",
  evaluation: { id: "0123456789abcdef" },
  apps: {
    total: 1,
    audited: 0,
    incomplete: 0,
    failed: 1,
    failures: all({ reason: "crash", apps: 1 }),
    packages: 0,
    withThirdParty: 0,
    withAccess: 0,
    thirdParties: { median: 0, most: 0 },
    dataTypes: { median: 0, most: 0 },
    attributedShare: { median: undefined, histogram: Array.from({ length: 11 }, () => 0) },
  },
  sdks: all(),
  categories: all(),
  companies: all(),
  dataTypes: all(),
  vendors: all(),
  unrecognised: { apps: 0, cells: [] },
  permissions: all(),
  hosts: all(),
  versions: all(),
  outliers: {
    mostThirdParties: [],
    mostDataTypes: [],
    leastAttributed: [],
    rareSdks: all(),
    unrecognised: all(),
  },
  trends: all(),
};

/**
 * A fleet with as many rows as {@link fleetLimits} allows of each list, and more that are not shown.
 *
 * @param mark put behind every name
 */
export function largestFleet(mark: string): FleetSummary {
  const { sdks, categories, companies, hosts, permissions, versions, outliers, trends } = exampleFleet;
  const repeat = <T>(row: T, most: number): Top<T> => ({
    total: 50_000,
    rows: Array.from({ length: most }, (_, index) => renumber(row, index)),
  });
  const renumber = <T>(value: T, index: number): T => {
    if (typeof value === "string") return `${value}-${index}${mark}` as T;
    if (Array.isArray(value)) return value.map((item) => renumber(item, index)) as T;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renumber(item, index)])) as T;
  };
  const dataTypes = Array.from({ length: fleetLimits.dataTypes }, (_, index) => `data-type-${index}${mark}`);
  const cell = (dataType: string): Reach & { dataType: string } => reach(dataType, 45_000, 40_000, 35_000);
  return {
    ...exampleFleet,
    sdks: repeat({ ...sdks.rows[0]!, dataTypes }, fleetLimits.sdks),
    categories: repeat(categories.rows[0]!, fleetLimits.categories),
    companies: repeat(
      {
        ...companies.rows[0]!,
        vendors: repeat(companies.rows[0]!.vendors.rows[0]!, fleetLimits.vendorsOfCompany),
        dataTypes,
      },
      fleetLimits.companies,
    ),
    dataTypes: {
      total: 50_000,
      rows: dataTypes.map((dataType) => ({ ...cell(dataType), parties: 900 })),
    },
    vendors: {
      total: 50_000,
      rows: Array.from({ length: fleetLimits.vendors }, (_, index) => ({
        id: `vendor-${index}`,
        name: `Vendor ${index}${mark}`,
        company: `Company ${index}${mark}`,
        country: "DE",
        apps: 45_000,
        cells: dataTypes.map(cell),
      })),
    },
    unrecognised: { apps: 45_000, cells: dataTypes.map(cell) },
    permissions: repeat(permissions.rows[0]!, fleetLimits.permissions),
    hosts: repeat(
      {
        ...hosts.rows[0]!,
        parties: repeat(hosts.rows[0]!.parties.rows[0]!, fleetLimits.partiesOfHost),
      },
      fleetLimits.hosts,
    ),
    versions: repeat(
      {
        ...versions.rows[0]!,
        versions: repeat(versions.rows[0]!.versions.rows[0]!, fleetLimits.versionsOfSdk),
      },
      fleetLimits.versionedSdks,
    ),
    outliers: {
      mostThirdParties: repeat(outliers.mostThirdParties[0]!, fleetLimits.outliers).rows,
      mostDataTypes: repeat(outliers.mostDataTypes[0]!, fleetLimits.outliers).rows,
      leastAttributed: repeat(outliers.leastAttributed[0]!, fleetLimits.outliers).rows,
      rareSdks: repeat(outliers.rareSdks.rows[0]!, fleetLimits.rareSdks),
      unrecognised: repeat({ ...outliers.unrecognised.rows[0]!, dataTypes }, fleetLimits.unrecognised),
    },
    trends: repeat(
      {
        packageName: "com.example.app",
        versions: repeat(
          {
            ...trends.rows[0]!.versions.rows[2]!,
            came: repeat("An SDK that came", fleetLimits.changesOfVersion),
            went: repeat("An SDK that went", fleetLimits.changesOfVersion),
          },
          fleetLimits.versionsOfApp,
        ),
      },
      fleetLimits.trends,
    ),
  };
}

/** What the page chooses its words by, and so is not shown as it is. */
const CHOOSING = new Set(["depth", "reason", "schemaVersion"]);

/** A summary with a text behind every text in it. */
export function markTexts<T>(value: T, mark: string, key = ""): T {
  if (typeof value === "string") return (CHOOSING.has(key) ? value : value + mark) as T;
  if (Array.isArray(value)) return value.map((item) => markTexts(item, mark, key)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, markTexts(item, mark, name)]),
  ) as T;
}
