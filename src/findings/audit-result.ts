import type { BlindSpotKind, Limit } from "../access/index.js";
import type { Diagnostic } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { FlowKind } from "../flow/index.js";
import type { Reach, ReachGap } from "../program/index.js";
import type { SinkKind } from "../ruleset/index.js";
import type { Confidence, PartyKind } from "../sdk/index.js";
import type { FindingKind } from "./finding-kinds.js";
import type { Rung } from "./rungs.js";

/** Version of {@link AuditResult}'s shape: the first number changes when a reader of the old shape would break. */
export const SCHEMA_VERSION = "1.0";

/**
 * All that an audit found, as plain data: what the JSON report holds, and all that any report needs.
 * The same input and rules give the same result, whatever the machine.
 */
export interface AuditResult {
  readonly schemaVersion: string;
  readonly tool: { readonly name: string; readonly version: string; readonly rulesVersion: string };
  /** The rung up to which was looked. */
  readonly depth: Rung;
  readonly app: AppSummary;
  readonly permissions: readonly PermissionSummary[];
  readonly parties: readonly PartySummary[];
  readonly companies: readonly CompanySummary[];
  readonly accesses: readonly AccessSummary[];
  /** What the app's own code hands over to third parties; absent where nothing is seen. */
  readonly handOvers?: readonly HandOverSummary[];
  /** What reading the code does not show, by party; absent where there is none. */
  readonly blindSpots?: readonly BlindSpotSummary[];
  readonly hosts: readonly HostSummary[];
  /** What of the code can run; absent where that was not looked for. */
  readonly reachability?: ReachabilitySummary;
  /** Where personal data goes; absent where that was not looked for. */
  readonly flows?: readonly FlowSummary[];
  readonly flowCoverage?: FlowCoverage;
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  readonly diagnostics: readonly Diagnostic[];
}

export interface AppSummary {
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly size: number }[];
  readonly packageName: string | undefined;
  /** Decimal: it may exceed 2^53. */
  readonly versionCode: string | undefined;
  readonly versionName: string | undefined;
  readonly minSdkVersion: number | string | undefined;
  readonly targetSdkVersion: number | string | undefined;
  readonly dexFiles: readonly {
    readonly name: string;
    readonly classDefs: number;
    readonly methods: number;
    readonly instructions: number;
  }[];
  /** Sum of classDefs. */
  readonly classes: number;
  /** The mapping file by which names were restored; they are original ones wherever a result has one. */
  readonly mapping?: {
    readonly name: string;
    readonly sha256: string;
    /** Classes of the app that it gave another name. */
    readonly classes: number;
  };
}

/** A permission that the app requests, or that Android adds. */
export interface PermissionSummary {
  readonly name: string;
  readonly protection: "normal" | "dangerous" | "signature" | "special" | "unknown";
  readonly maxSdkVersion?: number;
  readonly usesPermissionFlags?: readonly string[];
  /** Given where the app does not request it: why Android adds it, and what brings it. */
  readonly impliedBy?: {
    readonly permission?: string;
    readonly because: string;
    readonly sinceSdkVersion: number;
  };
  /**
   * Who declared it, as far as the finished build tells: parties whose own manifests are known to bring
   * it; the first party where none is known. Never certain: the merged manifest does not say.
   */
  readonly declaredBy: readonly { readonly party: string; readonly confidence: Confidence }[];
  /** Parties with code that calls what it guards. */
  readonly usedBy: readonly string[];
}

export interface PartySummary {
  readonly id: string;
  readonly kind: PartyKind;
  readonly name: string;
  readonly vendor?: {
    readonly id: string;
    readonly name: string;
    /** The company at the top of those that own it, where it is another. */
    readonly parent?: { readonly id: string; readonly name: string };
    /** All companies that own it, nearest first, the last of which is {@link parent}; absent where there is none. */
    readonly owners?: readonly { readonly id: string; readonly name: string; readonly country?: string }[];
    readonly country?: string;
  };
  readonly category?: string;
  readonly version?: string;
  /** That it is in the app. */
  readonly confidence: Confidence;
  readonly classes: number;
  /** Those of {@link classes} that have lost their names and must be its own; absent where there are none. */
  readonly renamedClasses?: number;
  /** Its code, in 16-bit code units. */
  readonly codeUnits: number;
  /** Of the first party: SDKs and support libraries that are the app makers' own here. By id; absent where none is. */
  readonly ownSdks?: readonly OwnSdkSummary[];
  /** Manifest switches that its vendor documents, and how they stand in this app. */
  readonly switches?: readonly {
    readonly metaData: string;
    readonly off: string;
    readonly value?: string;
    readonly effect: string;
    readonly source?: string;
  }[];
  /** What its vendor says about it, with page and day: documented, not observed. */
  readonly practices?: readonly PracticeSummary[];
  readonly evidence: readonly Evidence[];
}

/** What a rule recognised in the first party's own code, and what is so no party, or less of one. */
export interface OwnSdkSummary {
  /** Id of its rule. */
  readonly id: string;
  readonly kind: "sdk" | "support-library";
  readonly name: string;
  /** The app's makers are its vendor; or `--first-party` named its code. */
  readonly why: "own-vendor" | "named";
  readonly version?: string;
  /** That it is in the app. */
  readonly confidence: Confidence;
  /** Classes of it that count as the first party's. */
  readonly classes: number;
  readonly evidence: readonly Evidence[];
}

/** What a vendor says that its SDK does with a data type. */
export interface PracticeSummary {
  /** Google Play's data type. */
  readonly dataType: string;
  readonly collected: boolean;
  readonly shared?: boolean;
  readonly purposes?: readonly string[];
  /** The vendor's page. */
  readonly source: string;
  /** The day on which it was read, ISO 8601. */
  readonly readOn: string;
}

/** Who is behind third parties: the company at the top of those that own their vendors. */
export interface CompanySummary {
  /** Id of a vendor. */
  readonly id: string;
  readonly name: string;
  /** Recognised third parties of this app that are its own, or of companies that it owns. */
  readonly parties: readonly string[];
  /** Data types that their code refers to. */
  readonly dataTypes: readonly string[];
}

export interface AccessSummary {
  readonly party: string;
  /** Smali reference of the method or field, or the content URI. */
  readonly api: string;
  /** What it yields: the id of the rule. */
  readonly yields: string;
  /** Google Play's data type. */
  readonly dataType: string;
  readonly confidence: Confidence;
  /** Places in the code: all of them, also where {@link evidence} was cut. */
  readonly callSites: number;
  readonly limits: readonly Limit[];
  /**
   * How any of the places comes to run, by the shortest way; absent where no way to one was found, or none was looked
   * for.
   */
  readonly reach?: Reach;
  readonly evidence: readonly Evidence[];
}

/** What of the code can run. */
export interface ReachabilitySummary {
  /** Classes that Android makes objects of, of which code can run. */
  readonly entryPoints: number;
  /** Methods that can run. */
  readonly methods: number;
  /** Why more may run than that. Where there is no reason, what has no `reach` cannot run. */
  readonly gaps: readonly ReachGap[];
}

/** One end of a flow. */
export interface FlowEndSummary {
  readonly party: string;
  /** Smali reference of the method or field; at the source the API as its rule has it, or the content URI. */
  readonly api: string;
  /** The DEX file. */
  readonly entry: string;
  /** Smali reference of the method whose code it is. */
  readonly caller: string;
  /** In 16-bit code units; absent where Android calls the method with the value. */
  readonly codeUnit?: number;
}

/** Personal data that goes from where code reads it to where it leaves the app's code. */
export interface FlowSummary {
  /** Stable: the same for the same thing in every build of an app. */
  readonly id: string;
  /** Google Play's data type. */
  readonly dataType: string;
  /** What the source yields: the id of the rule. */
  readonly yields: string;
  readonly kind: FlowKind;
  /** Only a part of the value; Base64 of it; ciphertext; a digest, in every way in which it arrives. */
  readonly partial?: true;
  readonly encoded?: true;
  readonly encrypted?: true;
  readonly hashed?: true;
  /** The way leads through a method of which no rule says what it does. */
  readonly assumed?: true;
  readonly confidence: Confidence;
  /** What stands before the source: of an access by the same API. */
  readonly limits: readonly Limit[];
  readonly source: FlowEndSummary;
  readonly sink: FlowEndSummary & {
    readonly kind: SinkKind;
    /** Given of the kind `network`: where it is sent; `unknown` among them where no constant says. */
    readonly hosts?: readonly string[];
  };
  /** Instructions that the value goes through, from the source to the sink. */
  readonly path: readonly { readonly entry: string; readonly caller: string; readonly codeUnit: number }[];
  /** Steps left out of the middle of {@link path}; absent where it is whole. */
  readonly omitted?: number;
}

/** How much of an app was gone through for flows. */
export interface FlowCoverage {
  /** Places that yield personal data, in code that can run. */
  readonly sources: number;
  /** Methods that were gone through. */
  readonly methods: number;
  /** Instructions gone through, each as often as it was. */
  readonly steps: number;
  /** Calls that can come to more methods than are gone into. */
  readonly cutCalls: number;
  /** Methods not gone into in all the ways in which they are called, for what that costs or how deep they are called. */
  readonly cutMethods: number;
  /** The same by the party whose code it is; those of which nothing was cut are not there. */
  readonly cuts: readonly { readonly party: string; readonly calls: number; readonly methods: number }[];
  /** Whether the limit was reached: there may be more flows then. */
  readonly isCut: boolean;
}

/**
 * That the app's own code calls a method of a third party which is given data by what it means, or the constant name of an
 * event. What value is passed is not followed.
 */
export interface HandOverSummary {
  /** The receiver. */
  readonly party: string;
  /** Smali reference of the method that is called. */
  readonly api: string;
  /** The method of the app's own that calls it, smali form. */
  readonly caller: string;
  readonly confidence: Confidence;
  /** Calls in the caller: all of them, also where {@link evidence} was cut. */
  readonly callSites: number;
  /** Google Play's data types that the method is given. */
  readonly dataTypes: readonly string[];
  /** Those of values that the app's code has read and passes; absent where none was seen, or flows were not looked for. */
  readonly passes?: readonly string[];
  /** Constant names of events, and of properties. */
  readonly events: readonly string[];
  readonly properties: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** Places in a party's code behind which there is what reading it does not show. */
export interface BlindSpotSummary {
  readonly party: string;
  readonly kind: BlindSpotKind;
  readonly sites: number;
  /** Constant names at these places: of libraries that are loaded, of what a bridge is called. */
  readonly names: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface HostSummary {
  readonly party: string;
  readonly host: string;
  /** Places in the code that name it. */
  readonly sites: number;
  /** The URLs named, each once; at most `Limits.evidencePerItem`. */
  readonly urls: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** What we tell the user. */
export interface Finding {
  /** Stable: the same for the same thing in every build of an app. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly party: string;
  readonly dataType?: string;
  /** The permissions it is about; several where a call needs one of them, or all: the limit says which. */
  readonly permissions?: readonly string[];
  readonly rung?: Rung;
  /** Ids of the flows that it rests on; absent where it rests on none, or none were looked for. */
  readonly flows?: readonly string[];
  /** Flows that it rests on beside those in {@link flows}; absent where there are none. */
  readonly flowsOmitted?: number;
  /** Given of the rung `reachable` and above: the shortest way to an access that the finding rests on. */
  readonly reach?: Reach;
  readonly confidence: Confidence;
  /** What stands between the code and the data, for every access that the finding rests on. */
  readonly limits: readonly Limit[];
  readonly evidence: readonly [Evidence, ...Evidence[]];
}

/** How much of the code was read and could be given to someone. */
export interface Coverage {
  /** Share of the code, 0 to 1, that belongs to a named party: all but `unattributed`. */
  readonly attributedShare: number;
  /** By party kind. */
  readonly classes: Readonly<Record<PartyKind, number>>;
  /** By party kind, in 16-bit code units. */
  readonly codeUnits: Readonly<Record<PartyKind, number>>;
  /** Parts that could not be read: what they hide is not claimed absent. */
  readonly unread: readonly string[];
}
