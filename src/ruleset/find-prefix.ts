/**
 * The entry of the longest prefix of a package (`Lcom/acme/sdk/`) or class (`Lcom/acme/Sdk;`), whole
 * segments only.
 */
export function findPrefix<Entry>(name: string, prefixes: ReadonlyMap<string, Entry>): Entry | undefined {
  const exact = prefixes.get(name);
  if (exact !== undefined) return exact;
  for (
    let slash = name.lastIndexOf("/", name.length - 2);
    slash > 0;
    slash = name.lastIndexOf("/", slash - 1)
  ) {
    const entry = prefixes.get(name.slice(0, slash + 1));
    if (entry !== undefined) return entry;
  }
  return undefined;
}
