/**
 * Who could access what. Comes in: what the code refers to, who owns it, the rules' sensitive APIs. Goes
 * out: accesses by party and data type, with what limits them, and the hosts each party's code names.
 * Never calls an access a collection.
 */
export { type ApiQuery, type AskedApi, buildApiQuery } from "./api-query.js";
export {
  type Access,
  attributeAccesses,
  attributeHosts,
  type FindReach,
  type HostUse,
  joinReach,
} from "./attribute-accesses.js";
export { type ApiUse, type CodePlace, findApiUses, type StringUse } from "./find-api-uses.js";
export { type BlindSpot, type BlindSpotKind, findBlindSpots } from "./find-blind-spots.js";
export { compareHandOvers, findHandOvers, type HandOver } from "./find-hand-overs.js";
export {
  Holdings,
  judgePermission,
  type Limit,
  type LimitKind,
  leavesNothing,
  nameLevel,
  shortName,
} from "./find-limits.js";
