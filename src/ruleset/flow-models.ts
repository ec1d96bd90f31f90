/*
 * What methods that an app calls and does not define do with values: the parsed form of rules/flows, which the analysis of
 * flows works by. Plain data, so that it can be kept as JSON and sent to another thread.
 */

/** All models and sources of a set of rules. Of models that fit a call, the analysis takes the most specific one. */
export interface FlowRules {
  readonly models: readonly FlowModel[];
  readonly sources: readonly FlowSource[];
  /** Packages that an app carries and whose code is not followed, as smali has them: `Landroidx/appcompat/`. */
  readonly outside: readonly string[];
}

/** Methods by their names as smali has them. */
export interface MethodPattern {
  /** Descriptor of the class; whatever extends or implements it is meant too. */
  readonly owner: string;
  readonly name: string;
  /** Descriptors; absent for any parameters. */
  readonly parameters?: readonly string[];
  /** A descriptor; absent for any type. */
  readonly returns?: string;
}

/** A field by its names as smali has them. */
export interface FieldPattern {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
}

/** Where a value is, seen from a call. */
export interface Place {
  readonly root: PlaceRoot;
  readonly path: readonly PathStep[];
}

/**
 * The receiver; what is returned; what nobody knows; an argument, from 0 and without the receiver; an object that outlives
 * everything, named by its kind and the constant that an argument is; or one slot of the whole app.
 */
export type PlaceRoot =
  | "base"
  | "result"
  | "unknown"
  | number
  | { readonly store: string; readonly key: number }
  | { readonly static: string };

/** A slot of an object, named by the rules; any element, a new last one, or that under the constant of an argument. */
export type PathStep = { readonly slot: string } | { readonly element: "any" | "new" | number };

/** The value itself goes from one place to the other. */
export interface FlowMove {
  readonly from: Place;
  readonly to: Place;
}

/** Something that is computed from a value goes from one place to the other. */
export interface FlowDerivation extends FlowMove {
  /** Bits of {@link flowForms}. */
  readonly forms: number;
}

/** What a value has become, as bits. */
export const flowForms = { partial: 1, encoded: 2, encrypted: 4, hashed: 8 } as const;

/** What the constants of a call come to; the analysis knows how. */
export const flowComputations = [
  "append",
  "concat",
  "delete-text",
  "equals",
  "file-name",
  "format",
  "insert",
  "is-empty",
  "lower",
  "number",
  "package-name",
  "replace",
  "reverse",
  "set-length",
  "substring",
  "text",
  "trim",
  "upper",
] as const;
export type FlowComputation = (typeof flowComputations)[number];

/**
 * When code is called: before the call returns; on another thread, from now on; once the current callback is over; or from
 * then on any number of times.
 */
export const runTimes = ["now", "soon", "later", "often"] as const;
export type RunTime = (typeof runTimes)[number];

/** A method of the app that is called by the one that is modelled. */
export interface FlowRun {
  readonly when: RunTime;
  readonly object: Place;
  /** A name, with a descriptor where the name alone could mean another method. */
  readonly method: string;
  readonly arguments: readonly Place[];
  readonly result?: Place;
}

/** An intent that is delivered to a component of the app. */
export interface FlowSend {
  readonly intent: Place;
  readonly to: ComponentKind;
  /** Whether the sender is told what the component sets as its result. */
  readonly result: boolean;
}

/** A `job` is started by the name of its service, a `worker` by its class. */
export const componentKinds = ["activity", "service", "bound-service", "receiver", "job", "worker"] as const;
export type ComponentKind = (typeof componentKinds)[number];

/** Where data leaves the app's code. */
export const sinkKinds = [
  "network",
  "file",
  "log",
  "sms",
  "clipboard",
  "other-app",
  "webview",
  "ipc",
  "notification",
] as const;
export type SinkKind = (typeof sinkKinds)[number];

export interface FlowSink {
  readonly kind: SinkKind;
  readonly takes: readonly Place[];
  /** Only if this place holds something, or if the intent can leave the app. */
  readonly where?: Place | "leaves-app";
  /** What has the address of the server. */
  readonly host?: Place;
}

export const reflections = [
  "class-for-name",
  "field-get",
  "field-set",
  "get-field",
  "get-method",
  "invoke",
  "new-instance",
] as const;
export type Reflection = (typeof reflections)[number];

/**
 * What one method does, in this order: `creates`, `computes`, the moves one after the other, derivations, what runs now,
 * sinks, what is sent, `cancels`, what runs later, and last `clears`.
 */
export interface FlowModel {
  readonly method: MethodPattern;
  /** The result is a new object. */
  readonly creates: boolean;
  /** The result is the receiver. */
  readonly returnsItself: boolean;
  readonly moves: readonly FlowMove[];
  readonly derives: readonly FlowDerivation[];
  readonly computes?: FlowComputation;
  readonly runs: readonly FlowRun[];
  /** What these places hold is not called any more. */
  readonly cancels: readonly Place[];
  /** What these places hold is gone afterwards. */
  readonly clears: readonly Place[];
  readonly sends: readonly FlowSend[];
  readonly sinks: readonly FlowSink[];
  readonly reflects?: Reflection;
}

/** Where an API that yields data puts it, if that is elsewhere than in its result. */
export type FlowSource = {
  /** None: it yields nothing by itself. */
  readonly yields: readonly Place[];
  /** Id of the rule in rules/apis whose data it is. */
  readonly of?: string;
} & (
  | { readonly kind: "method" | "override"; readonly pattern: MethodPattern }
  | { readonly kind: "field"; readonly pattern: FieldPattern }
);
