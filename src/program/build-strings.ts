import type { Constant } from "./find-constants.js";

/** A StringBuilder that is known to hold a text, by the instruction that makes it. */
export interface Builder {
  readonly site: number;
  readonly text: string;
}

/** Characters that are put together of constants: names are shorter, and a loop would go on for ever. */
const MOST_TEXT = 256;

export function isStringBuilder(descriptor: string): boolean {
  return descriptor === "Ljava/lang/StringBuilder;" || descriptor === "Ljava/lang/StringBuffer;";
}

/** What a method of a StringBuilder does: appends a text or a character, gives what it holds, or what is not known. */
export type BuildStep = "text" | "character" | "number" | "nothing" | "read" | "unknown";

/** @param descriptor of the method's parameters and result */
export function buildStep(name: string, descriptor: string): BuildStep {
  const parameters = descriptor.slice(1, descriptor.indexOf(")"));
  if (name === "toString") return "read";
  if (name === "<init>" && (parameters === "" || parameters === "I")) return "nothing";
  if (name !== "append" && name !== "<init>") return "unknown";
  if (/^Ljava\/lang\/(String|CharSequence|Object);$/.test(parameters)) return "text";
  if (parameters === "C") return "character";
  return parameters === "I" ? "number" : "unknown";
}

/** The texts that a step may append of what is passed; `undefined` where something else is possible. */
export function textsOf(passed: readonly Constant[] | undefined, step: BuildStep): string[] | undefined {
  if (passed === undefined) return undefined;
  const texts = passed.map((constant) => {
    if (step === "text") return "string" in constant ? constant.string : undefined;
    if (!("number" in constant)) return undefined;
    return step === "character" ? String.fromCharCode(constant.number) : String(constant.number);
  });
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Each of them with each text behind it; `undefined` where they are too many, or too long. */
export function appendAll(builders: readonly Builder[], texts: readonly string[]): Builder[] | undefined {
  if (builders.length * texts.length > 8) return undefined;
  const appended = builders.flatMap(({ site, text }) => texts.map((more) => ({ site, text: text + more })));
  return appended.every(({ text }) => text.length <= MOST_TEXT) ? appended : undefined;
}

/** The number that an instruction writes, the lower word of a wide one; `undefined` of any other. */
export function constantNumber(units: Uint16Array, at: number): number | undefined {
  const unit = units[at]!;
  switch (unit & 0xff) {
    case 0x12: // const/4
      return (unit << 16) >> 28;
    case 0x13: // const/16
    case 0x16: // const-wide/16
      return (units[at + 1]! << 16) >> 16;
    case 0x14: // const
    case 0x17: // const-wide/32
    case 0x18: // const-wide
      return units[at + 1]! | (units[at + 2]! << 16);
    case 0x15: // const/high16
      return units[at + 1]! << 16;
    case 0x19: // const-wide/high16
      return 0;
    default:
      return undefined;
  }
}
