import type { DexFile, NameMapping } from "../dex/index.js";
import type { Diagnostics } from "../diagnostics/index.js";

/** Strings of one kind that are looked at in a file: there is one of each, or a few. */
const MOST_STRINGS = 20;

/** Members that must be strange before a mapping is doubted: an optimizer changes some signatures. */
const ENOUGH_MEMBERS = 20;

/**
 * Whether a mapping is that of the build: what speaks against it is an `odd` diagnostic, the surest reason
 * alone. Mappings of two builds have most of the new names in common, and give them to other classes.
 *
 * @param name the mapping file's, for messages
 * @returns how many of the app's classes it gave another name
 */
export function checkMapping(
  mapping: NameMapping,
  name: string,
  dexFiles: readonly DexFile[],
  diagnostics: Diagnostics,
): number {
  const sum = (count: (restored: NonNullable<DexFile["restored"]>) => number) =>
    dexFiles.reduce((total, { restored }) => total + (restored === undefined ? 0 : count(restored)), 0);
  const problem = findProblem(
    mapping,
    dexFiles,
    sum(({ mappedClasses }) => mappedClasses),
    sum(({ fittingMembers }) => fittingMembers),
    sum(({ strangeMembers }) => strangeMembers),
  );
  if (problem !== undefined)
    diagnostics.push({ effect: "odd", code: "other-mapping", part: name, message: `${name} ${problem}` });
  return sum(({ renamedClasses }) => renamedClasses);
}

function findProblem(
  mapping: NameMapping,
  dexFiles: readonly DexFile[],
  mapped: number,
  fitting: number,
  strange: number,
): string | undefined {
  if (mapping.classes === 0) return "names no class, so no name was restored";
  if (mapped === 0)
    return "names no class of this app, so no name was restored: it is probably another build's";
  const { ids } = mapping.header;
  const wanted = new Set(dexFiles.flatMap(findMapIds));
  if (ids.length > 0 && wanted.size > 0 && ![...wanted].some((id) => ids.some((own) => isSameId(own, id))))
    return `is another build's, so restored names may be wrong: its id is ${ids[0]}, and the app asks for ${[...wanted].sort()[0]}`;
  if (strange >= ENOUGH_MEMBERS && strange > fitting)
    return `is probably another build's, so restored names may be wrong: ${strange} members that it names have other types in the app, and only ${fitting} have the same`;
  return undefined;
}

/** The ids of mappings that R8 left in a file: in its marker, and as the name of the source file. */
function findMapIds(dex: DexFile): string[] {
  const markers = dex.stringsBeginningWith("~~R8{", MOST_STRINGS);
  const sources = dex.stringsBeginningWith("r8-map-id-", MOST_STRINGS);
  return [
    ...markers.flatMap((text) => /"pg-map-id":"([0-9A-Za-z_-]{4,256})"/.exec(text)?.[1] ?? []),
    ...sources.flatMap((text) => /^r8-map-id-([0-9A-Za-z_-]{4,256})$/.exec(text)?.[1] ?? []),
  ];
}

/** One is the whole hash, the other its beginning. */
function isSameId(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
