/** `1 class`, `9,575 classes`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(number)} ${number === 1 ? singular : plural}`;
}

/** `9,575`, whatever the machine's language. */
export function formatNumber(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Whole percent, rounded: 100% is said only of all. */
export function formatShare(share: number): string {
  // 0.285 * 100 is less than 28.5: first to the four digits that a share has.
  const percent = Math.round(Math.round(share * 10_000) / 100);
  return `${share < 1 ? Math.min(percent, 99) : 100}%`;
}

/** A permission's protection; of one that the rules do not have it is not known. */
export function protectionOf({ protection }: { readonly protection: string }): string {
  return protection === "unknown" ? "protection not in the rules" : protection;
}

/** Permissions of Android and of Play services are known by their last segment. */
export function shortPermission(name: string): string {
  return name.replace(/^(?:android|com\.google\.android\.gms)\.permission\./, "");
}
