import type { Dirent } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { isUrl, showLocation } from "./app-location.js";
import { nameFolders, nameListed } from "./name-apps.js";

/** An app to audit. */
export interface AppInput {
  /** Where the file is. */
  readonly path: string;
  /** As the rows call it, with `/`: below the folder that was named, or as it was named or listed itself. */
  readonly name: string;
}

/** What is looked for. */
export interface AppSources {
  /** Folders, files and globs; a name that is there is never taken for a glob. */
  readonly named: readonly string[];
  /** Files that a list names: taken as they are, whether they are there or not. */
  readonly listed: readonly string[];
}

/** What was found. */
export interface FoundApps {
  /** In the order of their names, each file once. */
  readonly apps: readonly AppInput[];
  /** Files in folders that are of kinds which are not read yet, counted by their ending. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/** Told of a place that could not be looked into, which costs only itself. */
export type OnTrouble = (path: string, problem: string) => void;

const APP = /\.apk$/i;
/** Other forms of Android code, which people keep beside APKs. */
const OTHER_APP = /\.(?:aab|aar|apks|apkm|jar|xapk)$/i;

/**
 * Finds the apps in folders (files that end in .apk, at any depth), of globs, and of lists.
 *
 * @throws UsageError for a name that neither is there nor is a glob
 */
export async function findApps({ named, listed }: AppSources, onTrouble: OnTrouble): Promise<FoundApps> {
  return findAppsIn(await findPlaces(named), listed, onTrouble);
}

/**
 * What names stand for, for {@link findAppsIn}.
 *
 * @throws UsageError for a name that neither is there nor is a glob
 */
export function findPlaces(named: readonly string[]): Promise<Place[]> {
  return Promise.all(named.map(placeOf));
}

/** The apps in places, and of a list. A folder that is gone meanwhile is told, and costs only itself. */
export async function findAppsIn(
  places: readonly Place[],
  listed: readonly string[],
  onTrouble: OnTrouble,
): Promise<FoundApps> {
  listed.forEach(refuseUrl);
  const found: AppInput[] = listed.map((path) => ({ path, name: nameListed(path) }));
  const passedOver = new Map<string, number>();
  const folderNames = nameFolders(places.flatMap((place) => ("folder" in place ? [place.folder] : [])));
  for (const place of places) {
    if ("file" in place) {
      found.push({ path: place.file, name: nameListed(place.file) });
      continue;
    }
    const { folder, matches, depth } = place;
    const above = folderNames.get(folder)!;
    const walk = new FolderWalk(folder, depth, onTrouble);
    for await (const { below, isFile } of walk.entries()) {
      if (!isFile) {
        if (APP.test(below) && matches?.(below) !== false)
          onTrouble(join(folder, ...below.split("/")), "is no file, but a pipe, a socket or a device");
      } else if (matches?.(below) ?? APP.test(below)) {
        const path = join(folder, ...below.split("/"));
        if (await isMisread(path)) onTrouble(path, NOT_UTF_8);
        else found.push({ path, name: above + below });
      } else if (matches === undefined && OTHER_APP.test(below)) {
        const ending = below.slice(below.lastIndexOf(".")).toLowerCase();
        passedOver.set(ending, (passedOver.get(ending) ?? 0) + 1);
      }
    }
  }
  return { apps: sortOnce(found), passedOver };
}

/** Paths of a list: separated by NUL where there is one, as `find -print0` does, else by lines. */
export function parseAppList(text: string): string[] {
  return text.split(text.includes("\0") ? "\0" : /\r?\n/).filter((path) => path !== "");
}

/** What was named: a file, a folder, or a glob below a folder. */
export type Place =
  | { readonly file: string }
  | {
      readonly folder: string;
      /** Of a glob: whether a path below the folder is meant. */
      readonly matches?: (below: string) => boolean;
      /** Of a glob: folders below the folder that can hold a match. */
      readonly depth: number;
    };

async function placeOf(name: string): Promise<Place> {
  try {
    return (await stat(name)).isDirectory()
      ? { folder: name, depth: Number.POSITIVE_INFINITY }
      : { file: name };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") {
      throw new UsageError(name, `cannot be looked into (${code ?? "unknown"})`, "", { cause: error });
    }
  }
  refuseUrl(name);
  const { default: picomatch } = await import("picomatch");
  const { isGlob, negated, base, glob } = picomatch.scan(name.split(sep).join("/"));
  if (negated)
    throw new UsageError(
      name,
      "begins with an exclamation mark: a glob says what is taken, and not what is left out",
      "Give a list of files instead: find … | bycatch batch - --store …",
    );
  if (!isGlob) throw new UsageError(name, "there is no such file or folder");
  return {
    folder: base === "" ? "." : base,
    matches: picomatch(glob),
    depth: glob.includes("**") ? Number.POSITIVE_INFINITY : glob.split("/").length - 1,
  };
}

/** What is fetched, workers fetch. */
function refuseUrl(name: string): void {
  if (isUrl(name))
    throw new UsageError(
      showLocation(name),
      "is a URL, and not on this machine",
      "URLs and buckets go to workers, by a queue: bycatch batch … --queue redis://…",
    );
}

/** What a folder has, at any depth, and is no folder. */
interface FolderEntry {
  /** Its path below the folder, with `/`. */
  readonly below: string;
  readonly isFile: boolean;
}

/** The files below a folder, links followed; a folder that several paths lead to is entered once. */
class FolderWalk {
  readonly #folder: string;
  readonly #depth: number;
  readonly #onTrouble: OnTrouble;
  readonly #entered = new Set<string>();

  constructor(folder: string, depth: number, onTrouble: OnTrouble) {
    this.#folder = folder;
    this.#depth = depth;
    this.#onTrouble = onTrouble;
  }

  entries(): AsyncGenerator<FolderEntry> {
    return this.#entriesOf("", 0);
  }

  async *#entriesOf(below: string, depth: number): AsyncGenerator<FolderEntry> {
    const path = join(this.#folder, below);
    let entries: Dirent[];
    try {
      const real = await realpath(path);
      if (this.#entered.has(real)) return;
      this.#entered.add(real);
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      await this.#tell(path, error);
      return;
    }
    // A folder's own subfolders first, then what links lead to: a real path is the one that counts.
    entries.sort(
      (a, b) => order(Number(a.isSymbolicLink()), Number(b.isSymbolicLink())) || order(a.name, b.name),
    );
    for (const entry of entries) {
      const inner = below === "" ? entry.name : `${below}/${entry.name}`;
      const kind = entry.isSymbolicLink() ? await this.#kindBehind(inner) : kindOf(entry);
      if (kind === "file" || kind === "other") yield { below: inner, isFile: kind === "file" };
      if (kind === "folder" && depth < this.#depth) yield* this.#entriesOf(inner, depth + 1);
    }
  }

  async #kindBehind(below: string): Promise<Kind | undefined> {
    const path = join(this.#folder, below);
    try {
      return kindOf(await stat(path));
    } catch (error) {
      await this.#tell(path, error);
      return undefined;
    }
  }

  async #tell(path: string, error: unknown): Promise<void> {
    this.#onTrouble(path, (await isMisread(path)) ? NOT_UTF_8 : describeTrouble(error));
  }
}

/**
 * Why a place could not be looked into.
 *
 * @throws the error, where it is none of the system's
 */
export function describeTrouble(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return PROBLEMS[code] ?? `cannot be looked into (${code})`;
}

const NOT_UTF_8 = "its name is not UTF-8: rename it";

/** Whether what a folder lists is not there by that name: bytes that are no UTF-8 were read as U+FFFD. */
async function isMisread(path: string): Promise<boolean> {
  if (!path.includes("\ufffd")) return false;
  try {
    await lstat(path);
    return false;
  } catch (error) {
    return isSystemError(error, "ENOENT");
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "cannot be looked into: permission denied",
  EPERM: "cannot be looked into: permission denied",
  ELOOP: "is a link that leads back to itself",
  ENOENT: "is a link that leads nowhere, or was removed meanwhile",
};

type Kind = "file" | "folder" | "other";

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): Kind {
  return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
}

function sortOnce(found: AppInput[]): AppInput[] {
  found.sort((a, b) => order(a.name, b.name) || order(a.path, b.path));
  const met = new Set<string>();
  return found.filter(({ path }) => {
    const real = resolve(path);
    if (met.has(real)) return false;
    met.add(real);
    return true;
  });
}

/** By code units: the same on every machine. */
function order<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
