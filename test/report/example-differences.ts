import type { AuditResult, FlowSummary } from "../../src/index.js";
import { type ComparedBuild, compareBuilds, type Difference, takeInventory } from "../../src/policy/index.js";
import {
  access,
  buildResult,
  givenTo,
  missingPermission,
  party,
  permission,
} from "../support/result-builder.js";
import { following } from "./example-flows.js";
import { empty, incomplete, speedTest } from "./example-results.js";

const tool = { name: "bycatch", version: "0.0.0" };

/** The release before {@link speedTest}: between them there is a change of every kind that an inventory can show. */
export function lastRelease(): AuditResult {
  const now = speedTest();
  const { version: _, ...mast } = now.parties.find(({ id }) => id === "mast")!;
  const isGone = ({ party: id, dataType }: { party: string; dataType: string }) =>
    id === "gull-push" || (id === "harbor-ads" && dataType === "precise-location");
  const old = buildResult({
    app: {
      ...now.app,
      files: [{ ...now.app.files[0]!, name: "app-5.4.0.apk" }],
      versionName: "5.4.0",
      versionCode: "504000",
    },
    parties: [
      ...now.parties
        .filter(({ id }) => id !== "gull-push" && id !== "mast")
        .map((one) => (one.id === "plankton" ? { ...one, version: "20.1.0" } : one)),
      mast,
      party("ebb-ads", "Ebb Ads", {
        version: "2.0",
        vendor: { id: "ebb", name: "Ebb Inc." },
        category: "advertising",
      }),
    ],
    accesses: [
      ...now.accesses
        .filter((one) => !isGone(one))
        .map((one) => {
          // What yielded nothing yields something, and the other way round.
          if (one.party === "harbor-ads" && one.dataType === "installed-apps")
            return { ...one, limits: [missingPermission("QUERY_ALL_PACKAGES")] };
          return one.party === "plankton" && one.dataType === "device-or-other-ids"
            ? { ...one, limits: [] }
            : one;
        }),
      ...["ebb-ads", "plankton", "first-party"].map((id) =>
        access(id, "contacts", "content://com.android.contacts", `Lcom/${id}/Friends;->find()V`),
      ),
    ],
    permissions: [
      ...now.permissions.filter(({ name }) => !/READ_CALL_LOG|READ_CONTACTS|COARSE|WIFI/.test(name)),
      permission("android.permission.READ_CONTACTS"),
      permission("android.permission.ACCESS_COARSE_LOCATION"),
      permission("android.permission.ACCESS_WIFI_STATE", { protection: "normal", maxSdkVersion: 28 }),
      permission("com.example.speedtest.permission.PUSH", { protection: "signature" }),
    ],
    hosts: [
      ...now.hosts.filter(({ host }) => !/^(?:bid|sync)\./.test(host)),
      { party: "harbor-ads", host: "old.harbor.example", sites: 1, urls: [], evidence: [] },
      { party: "ebb-ads", host: "ebb.example", sites: 1, urls: [], evidence: [] },
    ],
  });
  return { ...old, coverage: { ...now.coverage, attributedShare: 0.99 } };
}

export function apkOf(result: AuditResult): ComparedBuild {
  const name = result.app.files[0]!.name;
  return { source: { kind: "apk", name }, inventory: takeInventory(result), result };
}

/** A side without its result, as a lockfile is. */
export function lockOf(result: AuditResult): ComparedBuild {
  return { source: { kind: "lockfile", name: "bycatch.lock" }, inventory: takeInventory(result) };
}

/** Two releases of an invented app. */
export function nextRelease(): Difference {
  return compareBuilds(apkOf(lastRelease()), apkOf(speedTest()), tool);
}

/** From a lockfile of other rules to a build that was not read whole, in which a party is not seen. */
export function doubtful(): Difference {
  const { tool: by, ...cut } = incomplete();
  const old = lastRelease();
  const isSeen = ({ party: id }: { party: string }) => id !== "harbor-ads";
  const isKnown = ({ party: id }: { party: string }) => id !== "plankton";
  return compareBuilds(
    lockOf({
      ...old,
      parties: old.parties.filter(({ id }) => id !== "plankton"),
      findings: old.findings.filter(isKnown),
      accesses: old.accesses.filter(isKnown),
      hosts: old.hosts.filter(isKnown),
    }),
    apkOf({
      ...cut,
      tool: { ...by, rulesVersion: "fedcba9876543210" },
      parties: cut.parties.filter(({ id }) => id !== "harbor-ads"),
      findings: cut.findings.filter(isSeen),
      accesses: cut.accesses.filter(isSeen),
      hosts: cut.hosts.filter(isSeen),
    }),
    tool,
  );
}

/** Where data went before {@link following}: to another host, by one flow more and two less; other events were handed over. */
function flowedBefore(): AuditResult {
  const { flows = [], handOvers = [], ...now } = following();
  const [first, , , last] = flows as [FlowSummary, FlowSummary, FlowSummary, FlowSummary];
  const gone = {
    ...last,
    id: "flow/gone",
    sink: { ...first.sink, party: "plankton", hosts: ["old.plankton.example"] },
  };
  return {
    ...now,
    findings: now.findings.filter(({ kind }) => kind !== "data-hand-over"),
    flows: [
      { ...first, sink: { ...first.sink, hosts: ["unknown"] } },
      { ...gone, source: { ...gone.source, party: "plankton" }, kind: "self-collected" },
      last,
    ],
    handOvers: handOvers.slice(0, 1).map((one) => ({ ...one, events: ["login", "signup"] })),
  };
}

/** Two releases to the rung `flows`. */
export function newFlows(): Difference {
  return compareBuilds(apkOf(flowedBefore()), apkOf(following()), tool);
}

/** The same, of which the new one was not read whole. */
export function flowsInDoubt(): Difference {
  const { coverage, diagnostics } = incomplete();
  const now = { ...following(), coverage, diagnostics };
  return compareBuilds(apkOf(flowedBefore()), apkOf(now), tool);
}

/** Two lockfiles: nothing is known but ids. */
export function byLockfiles(): Difference {
  return compareBuilds(lockOf(lastRelease()), lockOf(speedTest()), tool);
}

export function nothing(): Difference {
  return compareBuilds(apkOf(empty()), apkOf(empty()), tool);
}

/** From a lockfile to a build, both looked at for flows: a third party is handed over something, and another no longer. */
export function handedOver(): Difference {
  const build = (owner: string, dataType: string) =>
    buildResult({
      depth: "flows",
      parties: [party("gull", "Gull"), party("mast", "Mast")],
      findings: [givenTo(owner, dataType)],
    });
  return compareBuilds(lockOf(build("mast", "contacts")), apkOf(build("gull", "user-ids")), tool);
}
