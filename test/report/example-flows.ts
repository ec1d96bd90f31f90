import type { AuditResult, Finding, FlowSummary, HandOverSummary } from "../../src/index.js";
import { call, missingPermission } from "../support/result-builder.js";
import { GET_IMEI, GET_PACKAGES, GET_SECURE_SETTING, reaching } from "./example-results.js";

const LOCATED = "Landroid/location/LocationListener;->onLocationChanged(Landroid/location/Location;)V";
const CONNECT = "Ljava/io/OutputStream;->write([B)V";
const SET_PLACE = "Lcom/plankton/Plankton;->setPlace(Landroid/location/Location;)V";
const MAIN = "Lcom/example/speedtest/Main;->onCreate(Landroid/os/Bundle;)V";
const HERE = "Lcom/example/speedtest/Map;->onLocationChanged(Landroid/location/Location;)V";

/** One end of a flow, in the first DEX file. */
const end = (owner: string, api: string, caller: string, codeUnit?: number): FlowSummary["source"] => ({
  party: owner,
  api,
  entry: "classes.dex",
  caller,
  ...(codeUnit === undefined ? {} : { codeUnit }),
});
const step = (caller: string, codeUnit: number) => ({ entry: "classes.dex", caller, codeUnit });

const flows: readonly FlowSummary[] = [
  {
    id: "flow/device-or-other-ids/harbor-ads/harbor-ads/00000001",
    dataType: "device-or-other-ids",
    yields: "android-id",
    kind: "self-collected",
    hashed: true,
    confidence: "likely",
    limits: [],
    source: end("harbor-ads", GET_SECURE_SETTING, "Lcom/harbor/ads/Device;->id()V", 4),
    sink: {
      ...end("harbor-ads", CONNECT, "Lcom/harbor/ads/Uplink;->send([B)V", 0x1f),
      kind: "network",
      hosts: ["bid.harbor.example", "unknown"],
    },
    path: [
      step("Lcom/harbor/ads/Device;->id()V", 4),
      step("Lcom/harbor/ads/a/b;->a(Landroid/content/Context;)V", 9),
      step("Lcom/harbor/ads/Uplink;->send([B)V", 0x1f),
    ],
  },
  {
    id: "flow/installed-apps/harbor-ads/mast/00000002",
    dataType: "installed-apps",
    yields: "installed-apps",
    kind: "passed-on",
    assumed: true,
    confidence: "possible",
    limits: [],
    source: end("harbor-ads", GET_PACKAGES, "Lcom/harbor/ads/Rivals$1;->run()V", 2),
    sink: { ...end("mast", "La/Log;->d(Ljava/lang/String;)V", "Lcom/mast/Log;->put()V", 5), kind: "log" },
    path: [step("Lcom/harbor/ads/Rivals$1;->run()V", 2), step("Lcom/mast/Log;->put()V", 5)],
  },
  {
    id: "flow/precise-location/first-party/plankton/00000003",
    dataType: "precise-location",
    yields: "precise-location",
    kind: "handed-over",
    confidence: "likely",
    limits: [],
    source: end("first-party", LOCATED, HERE),
    sink: {
      ...end("plankton", CONNECT, "Lcom/plankton/Upload;->run()V", 12),
      kind: "network",
      hosts: ["in.plankton.example"],
    },
    path: [
      step(HERE, 0),
      step(HERE, 8),
      step("Lcom/plankton/Plankton;->setPlace(Landroid/location/Location;)V", 3),
      step("Lcom/plankton/Upload;->run()V", 12),
    ],
    omitted: 7,
  },
  {
    id: "flow/precise-location/first-party/first-party/00000004",
    dataType: "precise-location",
    yields: "precise-location",
    kind: "first-party",
    confidence: "likely",
    limits: [],
    source: end("first-party", LOCATED, HERE),
    sink: { ...end("first-party", "La/Log;->d(Ljava/lang/String;)V", HERE, 6), kind: "log" },
    path: [step(HERE, 6)],
  },
  {
    id: "flow/device-or-other-ids/plankton/plankton/00000005",
    dataType: "device-or-other-ids",
    yields: "imei-meid",
    kind: "self-collected",
    confidence: "likely",
    limits: [missingPermission("READ_PRIVILEGED_PHONE_STATE")],
    source: end("plankton", GET_IMEI, "Lcom/plankton/DeviceInfoCollector;->collect()V", 1),
    sink: { ...end("plankton", CONNECT, "Lcom/plankton/Upload;->keep()V", 2), kind: "file" },
    path: [
      step("Lcom/plankton/DeviceInfoCollector;->collect()V", 1),
      step("Lcom/plankton/Upload;->keep()V", 2),
    ],
  },
];

const handOvers: readonly HandOverSummary[] = [
  {
    party: "plankton",
    api: "Lcom/plankton/Plankton;->logEvent(Ljava/lang/String;)V",
    caller: MAIN,
    confidence: "certain",
    callSites: 2,
    dataTypes: ["app-interactions"],
    events: ["login", "purchase"],
    properties: ["plan"],
    evidence: [call("Lcom/plankton/Plankton;->logEvent(Ljava/lang/String;)V", MAIN)],
  },
  {
    party: "plankton",
    api: SET_PLACE,
    caller: HERE,
    confidence: "likely",
    callSites: 1,
    dataTypes: [],
    passes: ["precise-location"],
    events: [],
    properties: [],
    evidence: [call(SET_PLACE, HERE, { codeUnit: 8 })],
  },
];

/** The app of `reaching`, of which it is known where data goes: to the network, to others, to the log, by a very long way. */
export function following(): AuditResult {
  const whole = reaching();
  const given = (id: string, number: number): Finding => {
    const [, owner, dataType] = id.split("/") as [string, string, string];
    const { id: flow, source, confidence } = flows[number]!;
    return {
      id,
      kind: "data-hand-over",
      party: owner,
      dataType,
      rung: "flows",
      flows: [flow],
      confidence,
      limits: [],
      evidence: [call(source.api, source.caller)],
    };
  };
  const going = new Map([
    ["data-access/harbor-ads/device-or-other-ids", flows[0]!.id],
    ["data-access/harbor-ads/installed-apps", flows[1]!.id],
  ]);
  return {
    ...whole,
    depth: "flows",
    findings: [
      ...whole.findings.map((finding): Finding => {
        const flow = going.get(finding.id);
        return flow === undefined ? finding : { ...finding, rung: "flows", flows: [flow] };
      }),
      given("data-hand-over/mast/installed-apps", 1),
      given("data-hand-over/plankton/precise-location", 2),
    ],
    handOvers,
    flows,
    flowCoverage: {
      sources: 9,
      methods: 120,
      steps: 34_567,
      cutCalls: 1,
      cutMethods: 3,
      cuts: [{ party: "harbor-ads", calls: 1, methods: 3 }],
      isCut: false,
    },
  };
}
