import type { Company } from "./explanation.js";

/** ` of Acme GmbH (DE), which belongs to Tide Holdings`; nothing of nobody. */
export function describeOwners([vendor, ...above]: readonly Company[]): string {
  if (vendor === undefined) return "";
  const country = vendor.country === undefined ? "" : ` (${vendor.country})`;
  return ` of ${vendor.name}${country}${describeChain(above)}`;
}

/** `, which belongs to Tide Holdings`, up to the company at the top. */
export function describeChain(owners: readonly Company[]): string {
  return owners.map(({ name }) => `, which belongs to ${name}`).join("");
}

/** A full stop, unless a name such as `Acme Inc.` brings its own. */
export function endSentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
