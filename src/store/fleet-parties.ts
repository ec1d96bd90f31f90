import {
  type AskFleet,
  askTop,
  findText,
  groupRows,
  readNumber,
  readText,
  readTexts,
} from "./fleet-scope.js";
import {
  type FleetCategory,
  type FleetCompany,
  type FleetSdk,
  type FleetVersions,
  fleetLimits,
  type Top,
} from "./fleet-summary.js";

/** Data types that a group's code refers to, most apps first; a rule's word each. */
const REFERENCED = `
  list(data_type ORDER BY apps DESC, data_type) AS data_types
`;

/** SDKs, those in most apps first. */
export function listSdks(ask: AskFleet): Promise<Top<FleetSdk>> {
  return askTop(
    ask,
    `SELECT * FROM (
      SELECT party AS id, min(name) AS name, min(vendor_name) AS vendor, min(company_name) AS company,
        min(category) AS category, count(DISTINCT app) AS apps
      FROM third_party WHERE kind = 'sdk' GROUP BY party
    ) LEFT JOIN (
      SELECT party AS id, ${REFERENCED} FROM (
        SELECT party, data_type, count(DISTINCT app) AS apps FROM reach WHERE place = 1 GROUP BY ALL
      ) GROUP BY party
    ) USING (id)`,
    "apps DESC, id",
    fleetLimits.sdks,
    (row) => ({
      id: readText(row, "id"),
      name: readText(row, "name"),
      vendor: findText(row, "vendor"),
      company: findText(row, "company"),
      category: findText(row, "category"),
      apps: readNumber(row, "apps"),
      dataTypes: readTexts(row, "data_types"),
    }),
  );
}

/** What kinds of SDK there are. */
export function listCategories(ask: AskFleet): Promise<Top<FleetCategory>> {
  return askTop(
    ask,
    `SELECT category, count(DISTINCT party) AS sdks, count(DISTINCT app) AS apps
      FROM third_party WHERE kind = 'sdk' AND category IS NOT NULL GROUP BY category`,
    "apps DESC, category",
    fleetLimits.categories,
    (row) => ({
      category: readText(row, "category"),
      sdks: readNumber(row, "sdks"),
      apps: readNumber(row, "apps"),
    }),
  );
}

/** The companies behind SDKs, each with its vendors. */
export async function listCompanies(ask: AskFleet): Promise<Top<FleetCompany>> {
  const vendors = await ask(`SELECT company, vendor, name, apps, total FROM (
      SELECT *, count(*) OVER (PARTITION BY company) AS total,
        row_number() OVER (PARTITION BY company ORDER BY apps DESC, vendor) AS place
      FROM (
        SELECT company, vendor, min(vendor_name) AS name, count(DISTINCT app) AS apps
        FROM third_party WHERE kind = 'sdk' AND company IS NOT NULL GROUP BY company, vendor
      )
    ) WHERE place <= ${fleetLimits.vendorsOfCompany} ORDER BY company, place`);
  const vendorsOf = groupRows(vendors, "company");
  return askTop(
    ask,
    `SELECT * FROM (
      SELECT company AS id, min(company_name) AS name, count(DISTINCT app) AS apps, count(DISTINCT party) AS sdks
      FROM third_party WHERE kind = 'sdk' AND company IS NOT NULL GROUP BY company
    ) LEFT JOIN (
      SELECT company AS id, ${REFERENCED} FROM (
        SELECT company, data_type, count(DISTINCT app) AS apps
        FROM reach JOIN owner USING (party) WHERE place = 1 GROUP BY ALL
      ) GROUP BY company
    ) USING (id)`,
    "apps DESC, id",
    fleetLimits.companies,
    (row) => {
      const own = vendorsOf.get(row.id) ?? [];
      return {
        id: readText(row, "id"),
        name: readText(row, "name"),
        apps: readNumber(row, "apps"),
        sdks: readNumber(row, "sdks"),
        vendors: {
          total: own.length === 0 ? 0 : readNumber(own[0]!, "total"),
          rows: own.map((vendor) => ({
            id: readText(vendor, "vendor"),
            name: readText(vendor, "name"),
            apps: readNumber(vendor, "apps"),
          })),
        },
        dataTypes: readTexts(row, "data_types"),
      };
    },
  );
}

/** The numbers in a text, in their order; one too long to be one counts as none. */
function numbersIn(text: string): string {
  return `list_transform(regexp_extract_all(${text}, '\\d+'), lambda number: TRY_CAST(number AS UBIGINT))`;
}

const RELEASE = numbersIn("regexp_extract(version, '\\d+(\\.\\d+)*')");

/** Whether a text is a version: neither the oldest nor the newest can be one that is none. */
const IS_VERSION = `list_bool_and(list_transform(${RELEASE}, lambda number: number IS NOT NULL))`;

/** `10.2` is newer than `9.9`, and `1.0.0` than `1.0.0-rc1`, which has the same numbers before its dots end. */
const VERSION_ORDER = `{
  release: ${RELEASE},
  is_release: NOT regexp_matches(version, '(?i)alpha|beta|rc|snapshot|preview|dev'),
  numbers: ${numbersIn("version")},
  text: version
}`;

/** The versions of SDKs that are in use. */
export async function listVersions(ask: AskFleet): Promise<Top<FleetVersions>> {
  const counted = `counted AS (
    SELECT party AS id, version, count(DISTINCT app) AS apps
    FROM third_party WHERE kind = 'sdk' AND version IS NOT NULL GROUP BY ALL
  )`;
  const top = await askTop(
    ask,
    `WITH ${counted}
    SELECT * FROM (
      SELECT party AS id, min(name) AS name, count(DISTINCT app) AS apps,
        count(DISTINCT app) FILTER (version IS NOT NULL) AS known
      FROM third_party WHERE kind = 'sdk' GROUP BY party
    ) JOIN (
      SELECT id, count(*) AS versions, arg_min(version, ${VERSION_ORDER}) FILTER (${IS_VERSION}) AS oldest,
        arg_max(version, ${VERSION_ORDER}) FILTER (${IS_VERSION}) AS newest
      FROM counted GROUP BY id
    ) USING (id)`,
    "known DESC, id",
    fleetLimits.versionedSdks,
    (row) => row,
  );
  const common = await ask(`, ${counted}
    SELECT id, version, apps FROM (
      SELECT *, row_number() OVER (PARTITION BY id ORDER BY apps DESC, version) AS place FROM counted
    ) WHERE place <= ${fleetLimits.versionsOfSdk} ORDER BY id, place`);
  const commonOf = groupRows(common, "id");
  return {
    total: top.total,
    rows: top.rows.map((row) => ({
      id: readText(row, "id"),
      name: readText(row, "name"),
      apps: readNumber(row, "apps"),
      known: readNumber(row, "known"),
      oldest: findText(row, "oldest"),
      newest: findText(row, "newest"),
      versions: {
        total: readNumber(row, "versions"),
        rows: (commonOf.get(row.id) ?? []).map((version) => ({
          version: readText(version, "version"),
          apps: readNumber(version, "apps"),
        })),
      },
    })),
  };
}
