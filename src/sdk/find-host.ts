import type { RuleIndex } from "../ruleset/index.js";

const URL_HOST = /^(?:https?|wss?):\/\/(?:[^/?#@\s]*@)?([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)\.?(?=[:/?#]|$)/i;

/** Names of formats and namespaces, documentation, this machine and its neighbours: nothing is sent there. */
const NO_ENDPOINT =
  /^(?:schemas\.android\.com|(?:xml\.)?apache\.org|java\.sun\.com|javax\.xml\..*|(?:www\.)?w3\.org|(?:www\.)?xml\.org|xmlpull\.org|ns\.adobe\.com|(?:.+\.)?example\.(?:com|org|net)|schemas\.(?:xmlsoap\.org|microsoft\.com)|127\..*|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|0\.0\.0\.0)$/;

/** The host of a URL, or a host that a rule names; `undefined` where it is no endpoint. */
export function findHost(text: string, rules: RuleIndex): string | undefined {
  const isNamed = rules.findWitnessed("host", text).length > 0;
  const host = isNamed ? text : URL_HOST.exec(text)?.[1]?.toLowerCase();
  return host === undefined || host.length > 253 || NO_ENDPOINT.test(host) ? undefined : host;
}
