import { type CheckResult, makeVerdict, type Verdict } from "../../src/policy/index.js";
import { call } from "../support/result-builder.js";
import { check, problem } from "../support/verdict-builder.js";
import { incomplete, speedTest } from "./example-results.js";

const LOCATION =
  "Landroid/location/LocationManager;->getLastKnownLocation(Ljava/lang/String;)Landroid/location/Location;";

function checks(): CheckResult[] {
  const broker = problem("no-data-broker/third-party/harbor-ads", "Harbor Ads 9.8.3 is a data broker's", {
    fix: "Remove the dependency.",
    party: "harbor-ads",
    confidence: "certain",
    evidence: [{ kind: "class", entry: "classes.dex", value: "Lcom/harbor/ads/Main;" }],
  });
  const location = problem(
    "no-location/harbor-ads/precise-location",
    "Harbor Ads could access precise-location",
    {
      party: "harbor-ads",
      dataType: "precise-location",
      rung: "referenced",
      confidence: "certain",
      findings: ["data-access/harbor-ads/precise-location"],
      evidence: [call(LOCATION, "Lcom/harbor/ads/GeoLocator;->locate()V", { entry: "classes2.dex" })],
    },
  );
  const agreed = problem(
    "no-location/plankton/approximate-location",
    "Plankton could access approximate-location",
    {
      exception: { because: "Needed for the map", owner: "@maps-team", until: "2027-01-31" },
    },
  );
  const ended = problem("no-contacts/buoy/contacts", "Buoy Maps could access contacts", {
    exception: { because: "Until the rewrite", owner: "mobile@example.com", until: "2025-01-31" },
  });
  const place = { file: "bycatch.lock", line: 1 };
  const lines = [
    problem(
      "lockfile/permission/android.permission.READ_CONTACTS",
      "android.permission.READ_CONTACTS is a new permission, brought by buoy",
      {
        permission: "android.permission.READ_CONTACTS",
        change: { after: "permission android.permission.READ_CONTACTS by buoy" },
        evidence: [
          { kind: "permission", entry: "AndroidManifest.xml", value: "android.permission.READ_CONTACTS" },
        ],
      },
    ),
    problem("lockfile/third-party/plankton", "plankton went from 20.0.0 to 21.0.0", {
      party: "plankton",
      change: { before: "third-party plankton 20.0.0", after: "third-party plankton 21.0.0" },
      evidence: [{ kind: "class", entry: "classes.dex", value: "Lcom/plankton/Main;" }],
    }),
    problem("lockfile/host/mast/old.mast.example", "mast no longer names old.mast.example", {
      severity: "note",
      host: "old.mast.example",
      change: { before: "host mast old.mast.example" },
    }),
  ];
  return [
    check("no-data-broker", [broker], { title: "No data broker rides along", because: "We promised so." }),
    check("no-location", [location], {
      title: "Nobody else reads the location",
      excepted: [agreed],
      place: { file: "./bycatch.policy.yaml", line: 12 },
    }),
    check("no-contacts", [ended], { title: "Nobody else reads contacts" }),
    check(
      "known-owners",
      [problem("known-owners/x", "com.acme.tracker is nobody's", { severity: "warning" })],
      { title: "Every third party is known" },
    ),
    check("has-consent", [], { title: "A consent SDK is there", outcome: "unknown" }),
    check("no-sms", [], { title: "Nobody reads SMS" }),
    check("lockfile", lines, {
      kind: "lockfile",
      title: "Nothing rides along that bycatch.lock does not have",
      place,
    }),
  ];
}

/** A build of which much is not as it should be, and a part could not be read. */
export function failed(): Verdict {
  return makeVerdict(incomplete(), checks(), false);
}

/** A build of which a part could not be read, and of which nothing else is to be said. */
export function undecided(allowIncomplete = false): Verdict {
  return makeVerdict(
    incomplete(),
    checks().filter(({ outcome }) => outcome !== "fail"),
    allowIncomplete,
  );
}

/** A build that is as it should be. */
export function passed(): Verdict {
  return makeVerdict(
    speedTest(),
    checks().filter(({ outcome }) => outcome === "pass"),
    false,
  );
}
