import type { AccessSummary, AuditResult } from "../../src/index.js";
import {
  access,
  buildResult,
  call,
  missingPermission,
  party,
  permission,
  permissionFinding,
  permitted,
  says,
} from "../support/result-builder.js";

const GET_LAST_LOCATION =
  "Landroid/location/LocationManager;->getLastKnownLocation(Ljava/lang/String;)Landroid/location/Location;";
const GET_ADVERTISING_ID =
  "Lcom/google/android/gms/ads/identifier/AdvertisingIdClient;->getAdvertisingIdInfo(Landroid/content/Context;)Lcom/google/android/gms/ads/identifier/AdvertisingIdClient$Info;";
export const GET_SECURE_SETTING =
  "Landroid/provider/Settings$Secure;->getString(Landroid/content/ContentResolver;Ljava/lang/String;)Ljava/lang/String;";
export const GET_IMEI = "Landroid/telephony/TelephonyManager;->getImei()Ljava/lang/String;";
export const GET_PACKAGES = "Landroid/content/pm/PackageManager;->getInstalledPackages(*)*";
const GET_OPERATOR = "Landroid/telephony/TelephonyManager;->getNetworkOperatorName()Ljava/lang/String;";
const SET_HANDLER =
  "Ljava/lang/Thread;->setDefaultUncaughtExceptionHandler(Ljava/lang/Thread$UncaughtExceptionHandler;)V";
const ON_EVENT =
  "Landroid/accessibilityservice/AccessibilityService;->onAccessibilityEvent(Landroid/view/accessibility/AccessibilityEvent;)V";

const FINE = "android.permission.ACCESS_FINE_LOCATION";
const AD_ID = "com.google.android.gms.permission.AD_ID";
const PHONE = "android.permission.READ_PHONE_STATE";

/** An invented app with invented parties: everything that a report can show, once. */
export function speedTest(): AuditResult {
  return buildResult({
    app: {
      files: [{ name: "app-release.apk", sha256: "5d".repeat(32), size: 18_000_000 }],
      packageName: "com.example.speedtest",
      versionCode: "504001",
      versionName: "5.4.1",
      targetSdkVersion: 34,
      dexFiles: ["classes.dex", "classes2.dex", "classes3.dex"].map((name) => ({
        name,
        classDefs: 3_000,
        methods: 20_000,
        instructions: 400_000,
      })),
    },
    parties: [
      party("first-party", "com.example.speedtest", {
        kind: "first-party",
        classes: 812,
        codeUnits: 90_000,
        evidence: [],
      }),
      party("harbor-ads", "Harbor Publisher Services", {
        version: "9.8.3",
        vendor: {
          id: "harbor",
          name: "Harbor Media LLC",
          parent: { id: "tidewater", name: "Tidewater Holdings, Inc." },
          country: "US",
        },
        category: "advertising",
        classes: 412,
        switches: [
          {
            metaData: "com.harbor.ads.LOCATION",
            off: "false",
            effect: "No location is read for ad requests.",
          },
        ],
      }),
      party("plankton", "Plankton Analytics", {
        version: "21.0.0",
        vendor: { id: "plankton", name: "Plankton GmbH", country: "DE" },
        category: "analytics",
        classes: 133,
        switches: [
          {
            metaData: "plankton_collection_enabled",
            off: "false",
            value: "false",
            effect: "Nothing is recorded.",
          },
        ],
        practices: [
          says("approximate-location", "https://plankton.example/privacy/data-safety"),
          says("device-or-other-ids", "https://plankton.example/privacy/data-safety", {
            shared: true,
            purposes: ["analytics", "advertising-or-marketing"],
          }),
          says("contacts", "https://plankton.example/faq", { collected: false, readOn: "2026-01-10" }),
        ],
      }),
      party("lookout-mediation", "Lookout Mediation", {
        vendor: {
          id: "lookout",
          name: "Lookout Ad Technologies (Singapore) Pte. Ltd.",
          parent: { id: "tidewater", name: "Tidewater Holdings, Inc." },
        },
        category: "ad-mediation",
        confidence: "likely",
        classes: 0,
      }),
      party("gull-push", "Gull Push", {
        version: "5.2",
        vendor: { id: "gull", name: "Gull" },
        category: "push-engagement",
        classes: 61,
      }),
      party("mast", "Mast Crash Reporter", {
        version: "1.4.0",
        vendor: { id: "mast", name: "Mast" },
        category: "crash-reporting",
      }),
      party("buoy", "Buoy Maps", {
        vendor: { id: "buoy", name: "Buoy" },
        category: "maps",
        practices: [says("approximate-location", "https://buoy.example/privacy")],
      }),
      party("unrecognised:com.acme.tracker", "com.acme.tracker", {
        kind: "unrecognised",
        classes: 41,
        confidence: "certain",
      }),
      party("unrecognised:org.other", "org.other", { kind: "unrecognised", classes: 1 }),
      party("androidx", "AndroidX", { kind: "support-library", classes: 4_100, codeUnits: 400_000 }),
      party("okio", "Okio", { kind: "support-library", classes: 120, codeUnits: 9_000 }),
      party("unattributed", "unattributed", {
        kind: "unattributed",
        classes: 340,
        codeUnits: 20_000,
        evidence: [],
      }),
    ],
    accesses: [
      access("harbor-ads", "precise-location", GET_LAST_LOCATION, "Lcom/harbor/ads/GeoLocator;->locate()V", {
        yields: "location",
        callSites: 3,
      }),
      access("harbor-ads", "device-or-other-ids", GET_ADVERTISING_ID, "Lcom/harbor/ads/a/b;->c()V", {
        yields: "advertising-id",
        limits: [missingPermission("AD_ID")],
      }),
      access("harbor-ads", "device-or-other-ids", GET_SECURE_SETTING, "Lcom/harbor/ads/Device;->id()V", {
        yields: "android-id",
        callSites: 2,
        evidence: [
          call(`${GET_SECURE_SETTING} "android_id"`, "Lcom/harbor/ads/Device;->id()V"),
          call(`${GET_SECURE_SETTING} "android_id"`, "Lcom/harbor/ads/Device;->again()V", { codeUnit: 4 }),
        ],
      }),
      access("harbor-ads", "installed-apps", GET_PACKAGES, "Lcom/harbor/ads/Rivals$1;->run()V"),
      access("plankton", "device-or-other-ids", GET_IMEI, "Lcom/plankton/DeviceInfoCollector;->collect()V", {
        yields: "imei-meid",
        limits: [
          missingPermission("READ_PRIVILEGED_PHONE_STATE"),
          {
            kind: "api-level",
            leaves: "sometimes",
            sinceSdkVersion: 29,
            message: "Yields the data up to API level 28 (Android 9) only.",
          },
        ],
      }),
      access("plankton", "diagnostics", GET_OPERATOR, "Lcom/plankton/Carrier;->name()V", {
        confidence: "possible",
      }),
      access(
        "gull-push",
        "other-user-generated-content",
        ON_EVENT,
        "Lcom/gull/PushService;->onAccessibilityEvent()V",
        {
          evidence: [
            call(
              "Lcom/gull/PushService;->onAccessibilityEvent()V",
              "Lcom/gull/PushService;->onAccessibilityEvent()V",
              {
                kind: "override",
              },
            ),
          ],
        },
      ),
      access(
        "mast",
        "crash-logs",
        SET_HANDLER,
        "Lcom/mast/internal/UncaughtExceptionIntegration;->register()V",
        {
          confidence: "likely",
        },
      ),
      access("unrecognised:com.acme.tracker", "installed-apps", GET_PACKAGES, "Lcom/acme/tracker/a;->b()V", {
        callSites: 2,
      }),
      access("first-party", "precise-location", GET_LAST_LOCATION, "Lcom/example/speedtest/Map;->here()V", {
        callSites: 12,
      }),
      access("unattributed", "device-or-other-ids", GET_ADVERTISING_ID, "La/b/c;->d()V"),
      access("androidx", "contacts", "content://com.android.contacts", "Landroidx/core/Photo;->open()V", {
        limits: [missingPermission("READ_CONTACTS")],
        evidence: [
          call("content://com.android.contacts/display_photo", "Landroidx/core/Photo;->open()V", {
            kind: "content-uri",
          }),
        ],
      }),
    ],
    findings: [
      permitted("buoy", "precise-location", FINE),
      permitted("plankton", "precise-location", FINE),
      permitted("buoy", "contacts", "android.permission.READ_CONTACTS"),
      permissionFinding("piggy-back-permission", "android.permission.QUERY_ALL_PACKAGES", "harbor-ads"),
      permissionFinding(
        "piggy-back-permission",
        "android.permission.QUERY_ALL_PACKAGES",
        "unrecognised:com.acme.tracker",
      ),
      permissionFinding("unused-permission", "android.permission.READ_CONTACTS"),
      permissionFinding("unused-permission", "android.permission.ACCESS_WIFI_STATE"),
      permissionFinding("missing-permission", AD_ID, "harbor-ads"),
      permissionFinding(
        "missing-permission",
        `${PHONE} android.permission.READ_PRIVILEGED_PHONE_STATE`,
        "plankton",
      ),
    ],
    permissions: [
      permission(FINE, { usedBy: ["first-party", "harbor-ads"] }),
      permission("android.permission.ACCESS_COARSE_LOCATION", {
        declaredBy: [],
        impliedBy: {
          permission: FINE,
          because: "android.permission.ACCESS_FINE_LOCATION includes it",
          sinceSdkVersion: 1,
        },
      }),
      permission("android.permission.READ_CALL_LOG", {
        usedBy: ["first-party"],
        declaredBy: [
          { party: "gull-push", confidence: "likely" },
          { party: "buoy", confidence: "possible" },
          { party: "first-party", confidence: "likely" },
        ],
      }),
      permission("android.permission.ACCESS_WIFI_STATE", { protection: "normal" }),
      permission("android.permission.QUERY_ALL_PACKAGES", {
        protection: "normal",
        usedBy: ["harbor-ads", "unrecognised:com.acme.tracker"],
      }),
      permission("android.permission.READ_CONTACTS", { maxSdkVersion: 30 }),
    ],
    hosts: [
      ["harbor-ads", "bid.harbor.example", 9],
      ["harbor-ads", "cdn.harbor.example", 2],
      ["harbor-ads", "log.harbor.example", 4],
      ["harbor-ads", "sync.harbor.example", 1],
      ["plankton", "in.plankton.example", 1],
      ["androidx", "developer.android.com", 1],
    ].map(([owner, host, sites]) => ({
      party: owner as string,
      host: host as string,
      sites: sites as number,
      urls: [],
      evidence: [],
    })),
  });
}

/** The same, of which it is known what can run: at once, before consent by the same way or another, by a very long way. */
export function reaching(): AuditResult {
  const whole = speedTest();
  const main = { component: "com.example.speedtest.Main", kind: "activity" } as const;
  const provider = { component: "com.harbor.ads.InitProvider", kind: "provider" } as const;
  const create = "Lcom/example/speedtest/Main;->onCreate(Landroid/os/Bundle;)V";
  const early = [
    "Lcom/harbor/ads/InitProvider;->onCreate()Z",
    "Lcom/harbor/ads/a/b;->a(Landroid/content/Context;)V",
  ] as const;
  const reachOf = ({ party: owner, dataType, evidence }: AccessSummary): AccessSummary["reach"] => {
    const caller = evidence[0]!.caller!;
    if (owner === "gull-push") return { component: "com.gull.PushService", kind: "service", chain: [caller] };
    if (owner === "plankton") return undefined;
    if (dataType === "precise-location")
      return { ...main, chain: [create, caller], beforeConsent: { ...provider, chain: [...early, caller] } };
    if (dataType === "installed-apps") return { ...main, chain: [create, ...early, caller], omitted: 60 };
    const chain = { ...provider, chain: [...early, caller] as [string, ...string[]] };
    return owner === "harbor-ads" ? { ...chain, beforeConsent: chain } : { ...main, chain: [create, caller] };
  };
  const accesses = whole.accesses.map((access) => {
    const reach = reachOf(access);
    return { ...access, ...(reach === undefined ? {} : { reach }) };
  });
  return {
    ...buildResult({ ...whole, accesses, findings: [] }),
    depth: "reachable",
    findings: [
      ...buildResult({ parties: whole.parties, accesses }).findings,
      ...whole.findings.filter(({ rung }) => rung !== "referenced"),
    ],
    reachability: {
      entryPoints: 12,
      methods: 4_321,
      gaps: [
        { kind: "other-code" },
        { kind: "reflection", methods: 31 },
        { kind: "native-method", methods: 1 },
      ],
    },
  };
}

/** The same with a DEX file that could not be read, and an oddity. */
export function incomplete(): AuditResult {
  const whole = speedTest();
  const message = "classes3.dex@0x1f00 class_data_item: needs 4 bytes, but the file ends at 0x1f02";
  return {
    ...whole,
    coverage: { ...whole.coverage, unread: ["classes3.dex"] },
    diagnostics: [
      { effect: "unread", code: "truncated", part: "classes3.dex", offset: 0x1f00, message },
      { effect: "odd", code: "duplicate", part: "classes.dex", message: "two entries of this name" },
    ],
  };
}

/** An app in which there is nothing. */
export function empty(): AuditResult {
  return buildResult({ app: { packageName: undefined, versionName: undefined, versionCode: undefined } });
}
