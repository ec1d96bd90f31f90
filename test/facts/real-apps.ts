import { corpus, findCorpusFile } from "../support/fetch-corpus.js";

/** Real apps, small ones and one of several DEX files, by the id of the corpus. */
export const realApps = corpus.flatMap((entry): [id: string, path: string][] => {
  const isWanted =
    /settings@8\.0\.10|server@10\.6\.6.*androidTest|fingerprint-identify|selendroid-test-app/.test(entry.id);
  const path = entry.kind === "apk" && isWanted ? findCorpusFile(entry) : undefined;
  return path === undefined ? [] : [[entry.id, path]];
});
