import { type AskFleet, askTop, findText, groupRows, readNumber, readText } from "./fleet-scope.js";
import {
  type FleetDataType,
  type FleetReach,
  type FleetVendor,
  fleetLimits,
  type Reach,
  type Top,
} from "./fleet-summary.js";
import type { Row } from "./tables.js";

/** Apps by the evidence that goes furthest, of groups whose least `place` is known by app. */
const REACH = `
  count(*) FILTER (place = 1) AS referenced,
  count(*) FILTER (place = 2) AS permitted,
  count(*) FILTER (place = 3) AS yields_nothing
`;

/** Data types, those that third parties' code refers to in most apps first. */
export function listDataTypes(ask: AskFleet): Promise<Top<FleetDataType>> {
  return askTop(
    ask,
    `SELECT * FROM (
      SELECT data_type, ${REACH}
      FROM (SELECT app, data_type, min(place) AS place FROM reach GROUP BY ALL) GROUP BY data_type
    ) JOIN (
      SELECT data_type, count(DISTINCT party) FILTER (place <> 2) AS parties FROM reach GROUP BY data_type
    ) USING (data_type)`,
    "referenced DESC, permitted DESC, data_type",
    fleetLimits.dataTypes,
    (row) => ({
      dataType: readText(row, "data_type"),
      parties: readNumber(row, "parties"),
      ...readReach(row),
    }),
  );
}

/** Vendors and how far their code reaches: the rows of the heat map. */
export async function listVendors(
  ask: AskFleet,
  dataTypes: readonly FleetDataType[],
): Promise<Top<FleetVendor>> {
  const top = await askTop(
    ask,
    `SELECT vendor AS id, min(vendor_name) AS name, min(company) AS company, min(company_name) AS company_name,
      min(country) AS country, count(DISTINCT app) AS apps
    FROM third_party WHERE kind = 'sdk' AND vendor IS NOT NULL GROUP BY vendor`,
    "apps DESC, id",
    fleetLimits.vendors,
    (row) => row,
  );
  const cells = await ask(`SELECT vendor, data_type, ${REACH} FROM (
      SELECT app, vendor, data_type, min(place) AS place FROM reach
      WHERE kind = 'sdk' AND vendor IS NOT NULL GROUP BY ALL
    ) GROUP BY vendor, data_type`);
  const cellsOf = groupRows(cells, "vendor");
  return {
    total: top.total,
    rows: top.rows.map((row) => {
      const id = readText(row, "id");
      return {
        id,
        name: readText(row, "name"),
        company: row.company === row.id ? undefined : findText(row, "company_name"),
        country: findText(row, "country"),
        apps: readNumber(row, "apps"),
        cells: arrangeCells(cellsOf.get(row.id) ?? [], dataTypes),
      };
    }),
  };
}

/** How far the code of third parties reaches that no rule knows. */
export async function measureUnrecognised(
  ask: AskFleet,
  dataTypes: readonly FleetDataType[],
): Promise<FleetReach> {
  const [counted] = await ask(
    "SELECT count(DISTINCT app) AS apps FROM third_party WHERE kind = 'unrecognised'",
  );
  const cells = await ask(`SELECT data_type, ${REACH} FROM (
      SELECT app, data_type, min(place) AS place FROM reach WHERE kind = 'unrecognised' GROUP BY ALL
    ) GROUP BY data_type`);
  return { apps: readNumber(counted!, "apps"), cells: arrangeCells(cells, dataTypes) };
}

function arrangeCells(rows: readonly Row[], dataTypes: readonly FleetDataType[]): FleetReach["cells"] {
  const byType = new Map(rows.map((row) => [row.data_type, row]));
  return dataTypes.flatMap(({ dataType }) => {
    const row = byType.get(dataType);
    return row === undefined ? [] : [{ dataType, ...readReach(row) }];
  });
}

function readReach(row: Row): Reach {
  return {
    referenced: readNumber(row, "referenced"),
    permitted: readNumber(row, "permitted"),
    yieldsNothing: readNumber(row, "yields_nothing"),
  };
}
