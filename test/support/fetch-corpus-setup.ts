import { fetchCorpus } from "./fetch-corpus.js";

/** Downloads what is missing of the corpus, once before the tests that read it. */
export async function setup(): Promise<void> {
  for (const { package: name, reason } of await fetchCorpus(["apk"], console.log)) {
    console.warn(`\nNOT TESTED: ${name} could not be fetched: ${reason}`);
  }
}
