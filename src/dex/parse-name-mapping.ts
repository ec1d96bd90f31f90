import { UsageError } from "../diagnostics/index.js";
import { MappedClass, NameMapping } from "./name-mapping.js";

/** Longer than any line that R8 or ProGuard writes: a method has at most 255 parameters. */
const MAX_LINE = 1 << 18;

/** Of one type or method descriptor, in characters: what a Java class file can hold. */
const MAX_DESCRIPTOR = 0xffff;

/** What the virtual machine allows. */
const MAX_DIMENSIONS = 255;

const [NEWLINE, RETURN, TAB, SPACE, HASH] = [0x0a, 0x0d, 0x09, 0x20, 0x23];

const ARROW = " -> ";

/** In R8's comment on its own format. */
const MAP_VERSION =
  /com\.android\.tools\.r8\.mapping["'],\s{0,4}["']?version["']?\s{0,4}:\s{0,4}["'](\d{1,4})\.(\d{1,4})/;

const PRIMITIVES: ReadonlyMap<string, string> = new Map([
  ["void", "V"],
  ["boolean", "Z"],
  ["byte", "B"],
  ["char", "C"],
  ["short", "S"],
  ["int", "I"],
  ["long", "J"],
  ["float", "F"],
  ["double", "D"],
]);

/**
 * Parses a mapping file, as R8 and ProGuard write it ("R8 retrace" and ProGuard's manual, "ReTrace"):
 *
 * ```
 * # pg_map_id: 4be8256
 * com.acme.Sdk -> a.b.c:
 *     int count -> a
 *     1:5:void run(int,java.lang.String[]):10:14 -> b
 * ```
 *
 * Lines of one method that share a range are its frames, inlined ones first: the last one, which tells only
 * the line of the call, is the method. A qualified name is that of a method which came from another class. Read
 * in one pass over the bytes, and no line twice.
 *
 * @param source the file's name or path, for messages
 * @throws UsageError for a line that is none of a mapping's, with its number
 */
export function parseNameMapping(bytes: Uint8Array, source: string): NameMapping {
  const parser = new MappingParser(source);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let start = startsWithMark(bytes) ? 3 : 0;
  while (start < bytes.length) {
    const newline = text.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    parser.readLine(text, start, end);
    start = end + 1;
  }
  return parser.finish(bytes.length);
}

/** Not what Unicode calls a space: names may have that. */
function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}

/** UTF-8's byte order mark, which some editors put first. */
function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** A method's line whose fate the next one decides, or a field's that a comment may still tell more of. */
interface Pending {
  readonly newName: string;
  readonly owner: string | undefined;
  readonly name: string;
  readonly descriptor: string;
  /** `1:5`, of the code as it is now; `undefined` where it is not told. */
  readonly range: string | undefined;
  residual: string | undefined;
}

class MappingParser {
  readonly #source: string;
  readonly #classes = new Map<string, MappedClass>();
  /** Descriptors by the names of types: a file names few types, and each often. */
  readonly #types = new Map<string, string>(PRIMITIVES);
  readonly #ids: string[] = [];
  #hasResidualSignatures = false;
  /** The class whose members follow. */
  #mapped: MappedClass | undefined;
  #pending: Pending | undefined;
  #line = 0;

  constructor(source: string) {
    this.#source = source;
  }

  readLine(text: Buffer, start: number, end: number): void {
    this.#line++;
    let from = start;
    let to = end;
    while (from < to && isBlank(text[from]!)) from++;
    while (from < to && isBlank(text[to - 1]!)) to--;
    if (from === to) return;
    if (to - from > MAX_LINE) throw this.#error(`a line of ${to - from} bytes is no mapping's`);
    const line = text.toString("utf8", from, to);
    if (text[from] === HASH) this.#readComment(line);
    else if (from === start) this.#readClass(line);
    else this.#readMember(line);
  }

  finish(size: number): NameMapping {
    this.#addPending();
    const header = { ids: this.#ids, hasResidualSignatures: this.#hasResidualSignatures };
    return new NameMapping(size, header, this.#classes);
  }

  /** Comments bind nobody: one that is not understood is passed over. */
  #readComment(line: string): void {
    if (this.#mapped === undefined) {
      const id = /^# ?pg_map_(?:id|hash):(?: SHA-256)? ([0-9A-Za-z_-]{4,256})$/.exec(line)?.[1];
      if (id !== undefined && this.#ids.length < 2) this.#ids.push(id);
      const version = MAP_VERSION.exec(line);
      if (version !== null)
        this.#hasResidualSignatures = Number(version[1]) * 10_000 + Number(version[2]) >= 20_002;
      return;
    }
    if (this.#pending === undefined || !line.includes("com.android.tools.r8.residualsignature")) return;
    this.#pending.residual ??= /["']?signature["']?\s{0,4}:\s{0,4}["']([^"']*)["']/.exec(line)?.[1];
  }

  #readClass(line: string): void {
    this.#addPending();
    const arrow = line.lastIndexOf(ARROW);
    if (arrow <= 0 || !line.endsWith(":")) {
      throw this.#error(
        "is no line of a mapping: a class is written com.acme.Sdk -> a.b.c: and its members are indented",
      );
    }
    const newDescriptor = this.#classDescriptor(line.slice(arrow + ARROW.length, -1));
    this.#mapped = new MappedClass(this.#classDescriptor(line.slice(0, arrow)));
    // Of two classes of one name the first counts, as in the runtime; the second's members then serve nobody.
    if (!this.#classes.has(newDescriptor)) this.#classes.set(newDescriptor, this.#mapped);
  }

  #readMember(line: string): void {
    if (this.#mapped === undefined) throw this.#error("is a member, indented, but no class stands above it");
    const arrow = line.lastIndexOf(ARROW);
    const newName = arrow < 0 ? "" : line.slice(arrow + ARROW.length);
    const typeStart = skipRange(line);
    const space = line.indexOf(" ", typeStart);
    if (space <= typeStart || space >= arrow || !isMemberName(newName)) throw this.#badMember();
    const type = this.#typeDescriptor(line.slice(typeStart, space));
    const parenthesis = line.indexOf("(", space);
    if (parenthesis < 0 || parenthesis > arrow) {
      this.#replacePending({
        newName,
        ...this.#originalName(line.slice(space + 1, arrow)),
        descriptor: type,
        range: undefined,
        residual: undefined,
      });
      return;
    }
    const end = line.indexOf(")", parenthesis);
    if (end < 0 || end > arrow) throw this.#badMember();
    const position = line.slice(end + 1, arrow);
    if (!/^(?::\d{1,10}(?::\d{1,10})?)?$/.test(position)) throw this.#badMember();
    const isCallLine = position !== "" && !position.includes(":", 1);
    this.#readMethod(
      {
        newName,
        ...this.#originalName(line.slice(space + 1, parenthesis)),
        descriptor: this.#methodDescriptor(line.slice(parenthesis + 1, end), type),
        range: typeStart === 0 ? undefined : line.slice(0, typeStart),
        residual: undefined,
      },
      isCallLine,
    );
  }

  /** A frame that has one line alone, that of a call, is the caller of the one before it. */
  #readMethod(frame: Pending, isCallLine: boolean): void {
    const inlined = this.#pending;
    const isCaller =
      isCallLine &&
      frame.range !== undefined &&
      inlined?.range === frame.range &&
      inlined.newName === frame.newName;
    if (isCaller) {
      frame.residual = inlined.residual;
      this.#pending = frame;
    } else this.#replacePending(frame);
  }

  #replacePending(next: Pending): void {
    this.#addPending();
    this.#pending = next;
  }

  #addPending(): void {
    const member = this.#pending;
    this.#pending = undefined;
    // Constructors and initialisers keep their names.
    if (member === undefined || member.newName.startsWith("<")) return;
    this.#mapped!.add(member.newName, member.owner, member.name, member.descriptor, member.residual);
  }

  /** A name that may be qualified with a class; with its own it is as without. */
  #originalName(text: string): Pick<Pending, "owner" | "name"> {
    const dot = text.lastIndexOf(".");
    const name = dot < 0 ? text : text.slice(dot + 1);
    if (!isMemberName(name)) throw this.#badMember();
    const owner = dot < 0 ? this.#mapped!.descriptor : this.#typeDescriptor(text.slice(0, dot));
    return { owner: owner === this.#mapped!.descriptor ? undefined : owner, name };
  }

  #methodDescriptor(parameters: string, returnType: string): string {
    let descriptor = "(";
    for (let at = 0; at < parameters.length; ) {
      const comma = parameters.indexOf(",", at);
      const end = comma < 0 ? parameters.length : comma;
      descriptor += this.#typeDescriptor(parameters.slice(at, end).trim());
      at = end + 1;
    }
    descriptor += `)${returnType}`;
    if (descriptor.length > MAX_DESCRIPTOR) throw this.#tooLong();
    return descriptor;
  }

  /** `[Ljava/lang/String;` of `java.lang.String[]`. */
  #typeDescriptor(name: string): string {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    let end = name.length;
    while (name.startsWith("[]", end - 2)) end -= 2;
    const dimensions = (name.length - end) / 2;
    if (dimensions > MAX_DIMENSIONS) throw this.#badMember();
    const element = name.slice(0, end);
    const descriptor = "[".repeat(dimensions) + (PRIMITIVES.get(element) ?? this.#classDescriptor(element));
    this.#types.set(name, descriptor);
    return descriptor;
  }

  /** `Lcom/acme/Sdk;` of `com.acme.Sdk`. */
  #classDescriptor(name: string): string {
    if (!/^[^ \t\r/;:,()<>[\]]+$/.test(name) || name.startsWith(".") || name.endsWith(".")) {
      throw this.#error(`${JSON.stringify(name.slice(0, 100))} is no name of a class`);
    }
    if (name.length + 2 > MAX_DESCRIPTOR) throw this.#tooLong();
    return `L${name.replaceAll(".", "/")};`;
  }

  #badMember(): UsageError {
    return this.#error(
      "is no member: a field is written int count -> a, a method 1:5:void run(int):10:14 -> b",
    );
  }

  #tooLong(): UsageError {
    return this.#error(`a descriptor is longer than ${MAX_DESCRIPTOR} characters`);
  }

  #error(problem: string): UsageError {
    return new UsageError(
      `${this.#source}:${this.#line}`,
      problem,
      "Give the mapping.txt that R8 or ProGuard wrote in the build of this very app.",
    );
  }
}

/** Where the return type begins: behind `1:5:`, if there is that. */
function skipRange(line: string): number {
  return /^\d{1,10}:\d{1,10}:/.exec(line)?.[0].length ?? 0;
}

function isMemberName(name: string): boolean {
  return name !== "" && !/[.;[/:=(),\t]/.test(name);
}
