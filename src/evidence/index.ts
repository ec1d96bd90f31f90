/**
 * What was seen and where. Every match, access and finding carries some; nothing here decides.
 * Never holds references into bytes or DEX objects.
 */
export type { Evidence, EvidenceKind } from "./evidence.js";
