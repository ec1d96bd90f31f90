import type { Limit } from "../access/index.js";
import type { Evidence } from "../evidence/index.js";
import type {
  AccessSummary,
  BlindSpotSummary,
  Finding,
  FlowCoverage,
  FlowSummary,
  HandOverSummary,
  OwnSdkSummary,
  PermissionSummary,
  PracticeSummary,
  ReachabilitySummary,
  Rung,
} from "../findings/index.js";
import type { Confidence, PartyKind } from "../sdk/index.js";

/** What can be explained. Each is also how the command line tells apart things of one id: `vendor:adjust`. */
export const subjectKinds = [
  "sdk",
  "support-library",
  "vendor",
  "data-type",
  "api",
  "permission",
  "finding-kind",
  "finding",
  "unrecognised",
  "first-party",
  "unattributed",
] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** A thing that can be explained. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly name: string;
}

/**
 * All that is known of one thing, as plain data: from the rules, and from an app where one was audited. A part
 * that does not concern the subject is absent; one that does, and of which nothing is known, is empty.
 */
export interface Explanation {
  readonly subject: Subject;
  /** What it is, in a sentence or two. */
  readonly is: string;
  /** Other things that have this id. */
  readonly alsoNamed: readonly Subject[];
  readonly note?: string;
  readonly site?: string;
  /** Privacy policy of the vendor. */
  readonly privacy?: string;
  /** The vendor of an SDK, and who owns it, up to the company at the top. */
  readonly owners?: readonly Company[];
  /** By what it is recognised. */
  readonly signatures?: readonly SignatureFact[];
  /** The app that was audited. */
  readonly app?: ExplainedApp;
  /** Whether it is in that app. */
  readonly presence?: Presence;
  /** SDKs that a company owns, itself or through others. */
  readonly sdks?: readonly SdkFact[];
  /** Data types that a permission opens by itself. */
  readonly opens?: readonly string[];
  /** APIs that yield the data, or that need the permission. */
  readonly yields?: readonly YieldFact[];
  /** Permissions that it brings, that open it, or that it is about. */
  readonly permissions?: readonly PermissionFact[];
  /** Who is known to bring a permission into a build. */
  readonly broughtBy?: readonly Bringer[];
  /** What code of the app could access. */
  readonly access?: readonly AccessFact[];
  /** Flows that begin or end in its code, or are of the data; absent where they were not looked for. */
  readonly flows?: readonly FlowFact[];
  /** Whose code was not gone into in full, so that flows may be missing or too many; the same. */
  readonly cuts?: readonly CutFact[];
  /** What the app's own code hands over to it, or of the data; absent where none was seen, or no app is looked at. */
  readonly handOvers?: readonly HandOverSummary[];
  /** What reading its code in the app does not show; the same. */
  readonly blindSpots?: readonly BlindSpotSummary[];
  /** Findings of the app of which this is the kind or the subject. */
  readonly findings?: readonly Finding[];
  /** What vendors say: documented, never observed. */
  readonly practices?: readonly PracticeFact[];
  readonly remedies: readonly Remedy[];
  readonly sources: readonly SourceFact[];
}

/** What an explanation says by the kind of its subject. */
export type ExplanationBody = Omit<Explanation, "subject" | "alsoNamed" | "app">;

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly country?: string;
}

/** One witness that recognises an SDK. */
export interface SignatureFact {
  /** As rules call it: `class-prefix`, `component`, … */
  readonly kind: string;
  readonly value: string;
  /** What it is worth alone; absent of a host, which makes no match. */
  readonly worth?: Confidence;
}

export interface ExplainedApp {
  readonly file: string;
  readonly packageName?: string;
  readonly versionName?: string;
  /** The rung up to which was looked. */
  readonly depth: Rung;
  /** That the report was made with other rules than those that explain it. */
  readonly hasOtherRules: boolean;
  /** Parts that could not be read: what they hide is not claimed absent. */
  readonly unread: readonly string[];
  /** Why more may run than was found; absent where what can run was not looked for, or could not be. */
  readonly gaps?: ReachabilitySummary["gaps"];
}

/** *Could not look* is an answer of its own. */
export type Presence =
  | {
      readonly answer: "present";
      readonly kind: PartyKind;
      readonly confidence: Confidence;
      readonly version?: string;
      readonly classes: number;
      readonly evidence: readonly Evidence[];
      /** Of an SDK or library whose code is the app makers' own here, all or some of it. */
      readonly own?: {
        readonly why: OwnSdkSummary["why"];
        /** Classes of it that count as the app makers' own. */
        readonly classes: number;
      };
    }
  | { readonly answer: "absent" }
  | {
      /** Not seen, and something could hide it. */
      readonly answer: "unknown";
      readonly unread: readonly string[];
      /** That other rules looked for it, which may not have known it. */
      readonly hasOtherRules: boolean;
      /** That names were restored by another build's mapping, so that some may be wrong. */
      readonly hasOtherMapping: boolean;
      /** Classes that have lost their names. */
      readonly unattributed: number;
    };

export interface SdkFact {
  readonly id: string;
  readonly name: string;
  readonly kind: "sdk" | "support-library";
  readonly category?: string;
  readonly vendor: Company;
  readonly presence?: Presence["answer"];
  /** That it is the app makers' own there: what its code could access is told as theirs. */
  readonly isOwn?: true;
  /** With an app: data types that its code refers to. */
  readonly dataTypes?: readonly string[];
}

/** A rule's APIs. */
export interface YieldFact {
  /** Id of the API rule. */
  readonly id: string;
  readonly name: string;
  readonly dataType: string;
  /** The coarser data type that is left when a permission is not held. */
  readonly degradesTo?: { readonly dataType: string; readonly whenMissing: string };
  readonly apis: readonly ApiFact[];
}

export interface ApiFact {
  readonly kind: "method" | "field" | "content-uri" | "override";
  /** Smali reference, or the content URI. */
  readonly reference: string;
  /** Constants of which one must be passed. */
  readonly constants?: readonly string[];
  readonly needs: readonly NeedFact[];
  /** First API level of devices that have it. */
  readonly since?: number;
  /** Last API level of devices where it yields the data. */
  readonly until?: number;
  /** Last targetSdkVersion for which it yields the data. */
  readonly targetUntil?: number;
  readonly confidence: Confidence;
  readonly note?: string;
}

/** Permissions that a call needs. */
export interface NeedFact {
  readonly permissions: readonly string[];
  /** Whether all of them are needed, or any. */
  readonly all: boolean;
  readonly fromTarget?: number;
  readonly toTarget?: number;
  readonly fromDevice?: number;
  readonly toDevice?: number;
  /** What the call gives without. */
  readonly otherwise: "nothing" | "partial";
}

export interface PermissionFact {
  readonly name: string;
  readonly protection: PermissionSummary["protection"];
  readonly since?: number;
  readonly until?: number;
  readonly opens: readonly string[];
  readonly note?: string;
  /** The optional module of the SDK that brings it. */
  readonly module?: string;
  /** With an app: how it stands there; absent where the app does not have it. */
  readonly inApp?: Omit<PermissionSummary, "name" | "protection">;
}

export interface Bringer {
  readonly id: string;
  readonly name: string;
  readonly module?: string;
  readonly presence?: Presence["answer"];
}

/** A party's code and a data type. */
export interface AccessFact {
  readonly party: string;
  readonly name: string;
  readonly kind: PartyKind;
  /** Who gets it in the end. */
  readonly company?: Company;
  readonly dataType: string;
  readonly rung: string;
  readonly confidence: Confidence;
  /** Of the finding. */
  readonly limits: readonly Limit[];
  readonly accesses: readonly AccessSummary[];
}

/** A flow, with the names of the parties at its ends. */
export interface FlowFact extends FlowSummary {
  readonly sourceName: string;
  readonly sinkName: string;
}

/** How much of a party's code was not gone into in full. */
export type CutFact = FlowCoverage["cuts"][number] & { readonly name: string };

export interface PracticeFact extends PracticeSummary {
  readonly party: string;
  readonly name: string;
}

export type RemedyKind =
  | "manifest-switch"
  | "code-switch"
  | "remove-start"
  | "remove-permission"
  | "exclude-artefact";

/** A way to switch something off, or to keep it out of a build. */
export interface Remedy {
  readonly kind: RemedyKind;
  /** The SDK that it is about. */
  readonly party?: string;
  /** What comes of it. */
  readonly effect: string;
  /** To be copied: XML for the manifest, Kotlin for the build file; of a switch in code, the method. */
  readonly lines: readonly string[];
  /** With an app, of manifest switches: how it stands there. */
  readonly state?: "switched-off" | "set-otherwise" | "not-set";
  /** The value there. */
  readonly value?: string;
  readonly warnings: readonly string[];
  /** The vendor's page. */
  readonly source?: string;
}

export interface SourceFact {
  /** What of. */
  readonly of: string;
  readonly kind: string;
  readonly where: string;
  readonly readOn: string;
}
