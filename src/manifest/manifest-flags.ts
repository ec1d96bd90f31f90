const PROTECTION_BASES = ["normal", "dangerous", "signature", "signatureOrSystem", "internal"];
const PROTECTION_MASK_BASE = 0xf;

/** `android:protectionLevel` flags (AOSP core/res/res/values/attrs_manifest.xml). */
const PROTECTION_FLAGS = {
  privileged: 0x10,
  development: 0x20,
  appop: 0x40,
  pre23: 0x80,
  installer: 0x100,
  verifier: 0x200,
  preinstalled: 0x400,
  setup: 0x800,
  instant: 0x1000,
  runtime: 0x2000,
  oem: 0x4000,
  vendorPrivileged: 0x8000,
  textClassifier: 0x10000,
  configurator: 0x80000,
  incidentReportApprover: 0x100000,
  appPredictor: 0x200000,
  module: 0x400000,
  companion: 0x800000,
  retailDemo: 0x1000000,
  recents: 0x2000000,
  role: 0x4000000,
  knownSigner: 0x8000000,
};

const FOREGROUND_SERVICE_TYPES = {
  dataSync: 0x1,
  mediaPlayback: 0x2,
  phoneCall: 0x4,
  location: 0x8,
  connectedDevice: 0x10,
  mediaProjection: 0x20,
  camera: 0x40,
  microphone: 0x80,
  health: 0x100,
  remoteMessaging: 0x200,
  systemExempted: 0x400,
  shortService: 0x800,
  fileManagement: 0x1000,
  mediaProcessing: 0x2000,
  specialUse: 0x40000000,
};

const USES_PERMISSION_FLAGS = { neverForLocation: 0x10000 };

/** `android:protectionLevel` as its source spells it: `signature|privileged`. */
export function formatProtectionLevel(level: number): string {
  const base = level & PROTECTION_MASK_BASE;
  return [
    PROTECTION_BASES[base] ?? `0x${base.toString(16)}`,
    ...flagNames(level & ~PROTECTION_MASK_BASE, PROTECTION_FLAGS),
  ].join("|");
}

/** Names of `android:foregroundServiceType`. */
export function foregroundServiceTypeNames(types: number): string[] {
  return flagNames(types, FOREGROUND_SERVICE_TYPES);
}

/** Names of `android:usesPermissionFlags`. */
export function usesPermissionFlagNames(flags: number): string[] {
  return flagNames(flags, USES_PERMISSION_FLAGS);
}

/** Names in the order of their bits; bits without a name together as one hexadecimal number. */
function flagNames(value: number, names: Readonly<Record<string, number>>): string[] {
  let rest = value;
  const found: string[] = [];
  for (const [name, bit] of Object.entries(names)) {
    if ((value & bit) === 0) continue;
    found.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) found.push(`0x${(rest >>> 0).toString(16)}`);
  return found;
}
