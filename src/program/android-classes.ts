/** What is known of one of Android's classes. */
interface AndroidClass {
  /** Superclass and interfaces, `Ljava/lang/Object;` left out. */
  readonly supers: readonly string[];
  /** Instance methods that its ancestors do not have, as {@link methodKey} names them. */
  readonly methods: ReadonlySet<string>;
}

const UNKNOWN: AndroidClass = { supers: [], methods: new Set() };

/**
 * Android's own classes, which a finished build names and does not carry: what they extend and implement, and what of them
 * an app's class can override. Of `rules/android-classes.tsv`, whose lines are read when they are asked for.
 */
export class AndroidClasses {
  readonly #text: string;
  readonly #known = new Map<string, AndroidClass>();

  /** @param text of the file: its lines are sorted */
  constructor(text: string) {
    this.#text = text;
  }

  has(descriptor: string): boolean {
    return this.#find(descriptor) !== undefined;
  }

  /** Superclass and interfaces that a class names itself, `Ljava/lang/Object;` left out; none of one that is not known. */
  supersOf(descriptor: string): readonly string[] {
    return (this.#find(descriptor) ?? UNKNOWN).supers;
  }

  /** Instance methods of a class that its ancestors do not have, as {@link methodKey} names them. */
  methodsOf(descriptor: string): ReadonlySet<string> {
    return (this.#find(descriptor) ?? UNKNOWN).methods;
  }

  #find(descriptor: string): AndroidClass | undefined {
    const known = this.#known.get(descriptor);
    if (known !== undefined) return known;
    const line = this.#findLine(`${descriptor}\t`);
    // What is not there is not kept: names of apps would add up.
    if (line === undefined) return undefined;
    const [, supers = "", methods = ""] = line.split("\t");
    const found = { supers: words(supers), methods: new Set(words(methods)) };
    this.#known.set(descriptor, found);
    return found;
  }

  /** The line that begins with a text, by halving: most of the thousands of lines are never looked at. */
  #findLine(start: string): string | undefined {
    const text = this.#text;
    let low = 0;
    let high = text.length;
    while (low < high) {
      const from = text.lastIndexOf("\n", ((low + high) >> 1) - 1) + 1;
      const at = Math.max(low, from);
      const end = text.indexOf("\n", at);
      const next = end === -1 ? text.length : end + 1;
      const found = text.slice(at, at + start.length);
      if (found === start) return text.slice(at, end === -1 ? undefined : end);
      if (found < start) low = next;
      else high = at;
    }
    return undefined;
  }
}

/** A method by what a callback is known by: name and number of arguments, `onClick/1`. */
export function methodKey(name: string, parameters: number): string {
  return `${name}/${parameters}`;
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
