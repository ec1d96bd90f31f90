import type { AuditResult, FlowSummary } from "../findings/index.js";
import { compareText, groupBy, leavesData } from "./arrange-parties.js";
import { flowForms } from "./flow-text.js";

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

/** The surest first. */
export const CONFIDENCES = ["certain", "likely", "possible"] as const;

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

/** Flows of a result, those that go to the same place together, the gravest first. */
export function arrangeFlows({ flows = [] }: Pick<AuditResult, "flows">): FlowGroup[] {
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
        forms: flowForms.filter((form) => own.every((flow) => flow[form] === true)),
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
