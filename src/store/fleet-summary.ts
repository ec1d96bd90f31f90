import type { Evaluation } from "./evaluation.js";

/** Version of {@link FleetSummary}'s shape: the first number changes when a reader of the old shape would break. */
export const FLEET_SCHEMA_VERSION = "1.0";

/** Rows kept of each list of a {@link FleetSummary}: it stays small however many apps there are. */
export const fleetLimits = {
  failureReasons: 10,
  sdks: 100,
  categories: 40,
  companies: 60,
  vendorsOfCompany: 8,
  vendors: 40,
  dataTypes: 40,
  permissions: 60,
  hosts: 80,
  partiesOfHost: 3,
  versionedSdks: 40,
  versionsOfSdk: 5,
  outliers: 10,
  rareSdks: 30,
  unrecognised: 40,
  trends: 10,
  /** The newest. */
  versionsOfApp: 10,
  changesOfVersion: 6,
  /** Characters of a text that comes from an app. */
  text: 300,
} as const;

/** The first rows of a list in its order, and how many it has in all. */
export interface Top<T> {
  readonly total: number;
  readonly rows: readonly T[];
}

/**
 * What is known of all apps of a store together, by one evaluation: plain data, without a row for each app. Counts are
 * of apps unless a name says otherwise; they are of the apps that could be read, whole or in part, unless of all.
 */
export interface FleetSummary {
  readonly schemaVersion: string;
  readonly evaluation: FleetEvaluation;
  readonly apps: FleetApps;
  /** Most apps first, as in all lists that say nothing else. */
  readonly sdks: Top<FleetSdk>;
  readonly categories: Top<FleetCategory>;
  readonly companies: Top<FleetCompany>;
  readonly dataTypes: Top<FleetDataType>;
  readonly vendors: Top<FleetVendor>;
  /** All unrecognised third parties together, as if they were one vendor; its `apps` may be 0. */
  readonly unrecognised: FleetReach;
  readonly permissions: Top<FleetPermission>;
  readonly hosts: Top<FleetHost>;
  /** Of SDKs whose version is known in some app. */
  readonly versions: Top<FleetVersions>;
  readonly outliers: FleetOutliers;
  /** Apps of which there are several versions; most versions first. */
  readonly trends: Top<FleetTrend>;
}

/** By what the apps were judged; of a store that has lost its file of it, only the id is known. */
export interface FleetEvaluation extends Partial<Evaluation> {
  readonly id: string;
}

export interface FleetApps {
  readonly total: number;
  /** Read whole. */
  readonly audited: number;
  /** Parts could not be read: what those hide is not claimed absent. */
  readonly incomplete: number;
  readonly failed: number;
  readonly failures: Top<{ readonly reason: string; readonly apps: number }>;
  /** Different application ids. */
  readonly packages: number;
  /** With a third party: an SDK or an unrecognised one. */
  readonly withThirdParty: number;
  /** With a third party whose code refers to an API that yields personal data, of which not all is kept from it. */
  readonly withAccess: number;
  readonly thirdParties: Spread;
  /** Of data types that third parties' code refers to. */
  readonly dataTypes: Spread;
  /** Share of the code, 0 to 1, that belongs to a named party. */
  readonly attributedShare: {
    readonly median: number | undefined;
    /** Apps with a share of 0 to 0.1, 0.1 to 0.2, … 0.9 to 1, and of 1. */
    readonly histogram: readonly number[];
  };
}

/** How a number is spread over the apps. */
export interface Spread {
  readonly median: number;
  readonly most: number;
}

export interface FleetSdk {
  readonly id: string;
  readonly name: string;
  readonly vendor: string | undefined;
  readonly company: string | undefined;
  readonly category: string | undefined;
  readonly apps: number;
  /** Data types that its code refers to in some app, of which not all is kept from it; most apps first. */
  readonly dataTypes: readonly string[];
}

export interface FleetCategory {
  readonly category: string;
  /** Different SDKs. */
  readonly sdks: number;
  readonly apps: number;
}

/** A company at the top of those that own vendors of SDKs. */
export interface FleetCompany {
  readonly id: string;
  readonly name: string;
  readonly apps: number;
  /** Different SDKs. */
  readonly sdks: number;
  readonly vendors: Top<{ readonly id: string; readonly name: string; readonly apps: number }>;
  /** As of {@link FleetSdk}. */
  readonly dataTypes: readonly string[];
}

/**
 * How far third parties' code reaches to a data type. Each app counts once, where the evidence goes furthest.
 */
export interface Reach {
  /** Apps whose code refers to an API that yields it, and something may come of it. */
  readonly referenced: number;
  /** Apps whose permissions open it, while no use was seen in the code. */
  readonly permitted: number;
  /** Apps whose code refers to an API that yields it, while something leaves nothing of it on any device. */
  readonly yieldsNothing: number;
}

export interface FleetDataType extends Reach {
  /** Google Play's data type. */
  readonly dataType: string;
  /** Different third parties whose code refers to an API that yields it. */
  readonly parties: number;
}

/** How far the code of a vendor, or of several third parties, reaches. */
export interface FleetReach {
  readonly apps: number;
  /** Data types of which anything is known; in the order of the summary's `dataTypes`. */
  readonly cells: readonly (Reach & { readonly dataType: string })[];
}

export interface FleetVendor extends FleetReach {
  readonly id: string;
  readonly name: string;
  /** The company at the top of those that own it, where it is another. */
  readonly company: string | undefined;
  readonly country: string | undefined;
}

export interface FleetPermission {
  readonly permission: string;
  readonly protection: string;
  /** Apps that request it. */
  readonly requested: number;
  /** Apps to which Android adds it, and that do not request it. */
  readonly implied: number;
  /** In which a third party or a library is known to bring it. */
  readonly broughtByOthers: number;
  /** In which only third parties' code was seen to use it. */
  readonly usedByThirdPartiesOnly: number;
}

/** A host that third parties' code names. */
export interface FleetHost {
  readonly host: string;
  readonly apps: number;
  readonly parties: Top<{ readonly id: string; readonly name: string }>;
}

/** The versions of an SDK that are in use. */
export interface FleetVersions {
  readonly id: string;
  readonly name: string;
  readonly apps: number;
  /** In which its version is known. */
  readonly known: number;
  /** Of the texts that are versions, as `newest`; `undefined` where none is. */
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
  readonly versions: Top<{ readonly version: string; readonly apps: number }>;
}

/** An app by which a person finds it again. */
export interface FleetApp {
  /** SHA-256 of its file. */
  readonly app: string;
  readonly packageName: string | undefined;
  readonly versionName: string | undefined;
  readonly path: string;
  /** Whether parts could not be read: there may be more in it. */
  readonly isIncomplete: boolean;
}

export interface FleetOutliers {
  readonly mostThirdParties: readonly (FleetApp & { readonly thirdParties: number })[];
  readonly mostDataTypes: readonly (FleetApp & { readonly dataTypes: number })[];
  /** Lowest first. */
  readonly leastAttributed: readonly (FleetApp & { readonly attributedShare: number })[];
  /** SDKs that one app alone has; by name. */
  readonly rareSdks: Top<{ readonly id: string; readonly name: string; readonly app: FleetApp }>;
  /** Unrecognised third parties in apps of several application ids: candidates for a rule. */
  readonly unrecognised: Top<FleetUnrecognised>;
}

export interface FleetUnrecognised {
  /** The package tree. */
  readonly name: string;
  readonly packages: number;
  readonly apps: number;
  /** As of {@link FleetSdk}. */
  readonly dataTypes: readonly string[];
}

/** Versions of one app. */
export interface FleetTrend {
  readonly packageName: string;
  /** The newest, oldest first; of a version that is there several times, the file whose path comes first. */
  readonly versions: Top<FleetVersion>;
}

export interface FleetVersion {
  /** Decimal: it may exceed 2^53. */
  readonly versionCode: string;
  readonly versionName: string | undefined;
  /** Whether parts could not be read. */
  readonly isIncomplete: boolean;
  readonly thirdParties: number;
  /** Data types that third parties' code refers to, as of {@link FleetSdk}. */
  readonly dataTypes: number;
  readonly permissions: number;
  /** What was not in the version before; `undefined` of the first, and where the one before was not read whole. */
  readonly came: Top<string> | undefined;
  /** What was in the version before alone; `undefined` of the first, and where this one was not read whole. */
  readonly went: Top<string> | undefined;
}
