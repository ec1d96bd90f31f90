import type { AuditResult, FlowSummary } from "../findings/index.js";
import { compareText, groupBy, leavesData } from "./arrange-parties.js";

/** Flows of one data type between the same two parties into one kind of sink. */
export interface FlowGroup {
  readonly dataType: string;
  readonly kind: FlowSummary["kind"];
  /** Ids of the parties. */
  readonly from: string;
  readonly to: string;
  readonly sink: FlowSummary["sink"]["kind"];
  /** Hosts of all of them; `unknown` last. */
  readonly hosts: readonly string[];
  /** What the sources yield. */
  readonly yields: readonly string[];
  /** What has become of the value in all of them. */
  readonly forms: readonly string[];
  /** Whether what stands before the sources leaves nothing of it in this app. */
  readonly yieldsNothing: boolean;
  /** Of the surest. */
  readonly confidence: FlowSummary["confidence"];
  readonly flows: readonly FlowSummary[];
}

const CONFIDENCES = ["certain", "likely", "possible"] as const;

const FORMS = ["partial", "encoded", "encrypted", "hashed", "assumed"] as const;

/** What leaves the device comes first, then what third parties have a part in. */
const SINKS: readonly string[] = [
  "network",
  "sms",
  "other-app",
  "ipc",
  "webview",
  "clipboard",
  "notification",
  "file",
  "log",
];

/** Those of a result, the gravest first. */
export function arrangeFlows({ flows = [] }: AuditResult): FlowGroup[] {
  const keyOf = ({ dataType, kind, source, sink }: FlowSummary) =>
    [dataType, kind, source.party, sink.party, sink.kind].join(" ");
  return [...groupBy(flows, keyOf).values()]
    .map((own): FlowGroup => {
      const [{ dataType, kind, source, sink }] = own as [FlowSummary, ...FlowSummary[]];
      const yieldsNothing = !own.some(({ limits }) => leavesData(limits));
      const hosts = [...new Set(own.flatMap((flow) => flow.sink.hosts ?? []))].sort(compareText);
      return {
        dataType,
        kind,
        from: source.party,
        to: sink.party,
        sink: sink.kind,
        hosts: [...hosts.filter((host) => host !== "unknown"), ...hosts.filter((host) => host === "unknown")],
        yields: [...new Set(own.map(({ yields }) => yields))].sort(compareText),
        forms: FORMS.filter((form) => own.every((flow) => flow[form] === true)),
        yieldsNothing,
        confidence: CONFIDENCES.find((one) => own.some(({ confidence }) => confidence === one))!,
        flows: own,
      };
    })
    .sort(
      (a, b) =>
        Number(a.yieldsNothing) - Number(b.yieldsNothing) ||
        SINKS.indexOf(a.sink) - SINKS.indexOf(b.sink) ||
        Number(a.kind === "first-party") - Number(b.kind === "first-party") ||
        compareText(a.dataType, b.dataType) ||
        compareText(`${a.from} ${a.to}`, `${b.from} ${b.to}`),
    );
}

/** What a sink is called. */
export const sinkWords: Readonly<Record<FlowGroup["sink"], string>> = {
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

/** Where it goes: `the network (a.example, unknown)`. Not escaped. */
export function saySink({ sink, hosts }: FlowGroup): string {
  if (sink !== "network") return sinkWords[sink];
  const known = hosts.filter((host) => host !== "unknown");
  if (known.length === 0) return "the network, to a host that no constant names";
  return `the network: ${known.join(", ")}${known.length < hosts.length ? " and a host that no constant names" : ""}`;
}
