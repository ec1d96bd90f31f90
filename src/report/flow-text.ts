import type { FlowSummary } from "../findings/index.js";
import { leavesData } from "./arrange-parties.js";
import { printable } from "./printable-text.js";
import { longReference } from "./reference-text.js";
import { count } from "./words.js";

/** What a sink is called. */
export const sinkWords: Readonly<Record<FlowSummary["sink"]["kind"], string>> = {
  network: "the network",
  sms: "a text message",
  "other-app": "another app",
  ipc: "another process",
  webview: "a WebView",
  clipboard: "the clipboard",
  notification: "a notification",
  file: "a file",
  log: "the log",
};

/** What can become of a value, in the order in which it is told. */
export const flowForms = ["partial", "encoded", "encrypted", "hashed", "assumed"] as const;

/** A kind of sink, and of the network the hosts; `unknown` among them where no constant says. */
export interface SinkWithHosts {
  readonly sink: FlowSummary["sink"]["kind"];
  readonly hosts: readonly string[];
}

/** Where it goes: `the network: a.example and a host that no constant names`. Not escaped. */
export function saySink({ sink, hosts }: SinkWithHosts): string {
  if (sink !== "network") return sinkWords[sink];
  const known = hosts.filter((host) => host !== "unknown");
  if (known.length === 0) return "the network, to a host that no constant names";
  return `the network: ${known.join(", ")}${known.length < hosts.length ? " and a host that no constant names" : ""}`;
}

/** What is to be known of flows that are alike. */
export interface FlowTraits {
  readonly kind: FlowSummary["kind"];
  readonly yields: readonly string[];
  readonly forms: readonly string[];
  readonly confidence: FlowSummary["confidence"];
  /** Whether what stands before the source leaves nothing of it in this app. */
  readonly yieldsNothing: boolean;
}

/** `self-collected, imei-meid, hashed, likely`. Escaped. */
export function sayTraits({ kind, yields, forms, confidence, yieldsNothing }: FlowTraits): string {
  const words = [kind, ...yields, ...forms, confidence].map((text) => printable(text, 60)).join(", ");
  return `${words}${yieldsNothing ? "; yields nothing in this app" : ""}`;
}

/** What has become of the value in one flow. */
export function formsOf(flow: FlowSummary): string[] {
  return flowForms.filter((form) => flow[form] === true);
}

/** One flow in a sentence's length: `Acme: the network: a.example (self-collected, imei-meid, likely)`. Escaped. */
export function sayFlow(flow: FlowSummary, nameOf: (party: string) => string): string {
  const { source, sink, kind, yields, confidence, limits } = flow;
  const from = nameOf(source.party);
  const who = source.party === sink.party ? from : `${from} to ${nameOf(sink.party)}`;
  const where = printable(saySink({ sink: sink.kind, hosts: sink.hosts ?? [] }), 300);
  const traits = { kind, yields: [yields], forms: formsOf(flow), confidence };
  return `${who}: ${where} (${sayTraits({ ...traits, yieldsNothing: !leavesData(limits) })})`;
}

/** A step of a flow's way. */
export interface WayStep {
  readonly role: "source" | "between" | "sink";
  /** The DEX file. */
  readonly entry: string;
  /** Smali reference of the method whose code it is. */
  readonly caller: string;
  /** In 16-bit code units; absent of a source of which Android calls the method with the value. */
  readonly codeUnit?: number;
  /** Steps left out right before this one; absent where there are none. */
  readonly leftOut?: number;
}

/**
 * The way of a value from where it is read to where it leaves, those at both ends included.
 *
 * @param most steps; of more the middle is left out
 */
export function listWay({ source, sink, path, omitted = 0 }: FlowSummary, most: number): WayStep[] {
  const isAt = (step: FlowSummary["path"][number] | undefined, end: FlowSummary["source"]) =>
    step?.caller === end.caller && (end.codeUnit === undefined || step.codeUnit === end.codeUnit);
  const startsAtSource = isAt(path[0], source) && path.length > 1;
  const endsAtSink = isAt(path.at(-1), sink);
  const between = path.slice(startsAtSource ? 1 : 0, endsAtSink ? -1 : undefined);
  // What a result leaves out is the middle of its path.
  const middle = Math.min(between.length, Math.ceil(path.length / 2) - (startsAtSource ? 1 : 0));
  const kept = Math.max(0, most - 2);
  const before = Math.min(middle, Math.ceil(kept / 2));
  const after = Math.min(between.length - middle, kept - before);
  const leftOut = between.length - before - after + omitted;
  const steps: WayStep[] = [
    { ...placeOf(source), role: "source" },
    ...[...between.slice(0, before), ...between.slice(between.length - after)].map(
      (step): WayStep => ({ ...step, role: "between" }),
    ),
    { ...placeOf(sink), role: "sink" },
  ];
  return steps.map((step, index) => (leftOut > 0 && index === before + 1 ? { ...step, leftOut } : step));
}

function placeOf({ entry, caller, codeUnit }: FlowSummary["source"]) {
  return { entry, caller, ...(codeUnit === undefined ? {} : { codeUnit }) };
}

/** What happens at a step, in full; escaped: `com.acme.Ids.read calls android.provider.Settings.Secure.getString`. */
export function sayStep(step: WayStep, { source, sink }: FlowSummary): string {
  const caller = longReference(step.caller);
  if (step.role === "between") return printable(caller, 300);
  const api = longReference(step.role === "source" ? source.api : sink.api);
  const how =
    step.role === "sink"
      ? "gives it to"
      : step.codeUnit === undefined
        ? "is called with it, as"
        : "reads it from";
  return printable(`${caller} ${how} ${api}`, 500);
}

/** `1 step left out`. */
export function sayLeftOut(steps: number): string {
  return `${count(steps, "step")} left out`;
}
