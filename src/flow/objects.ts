import { MOST_CELLS } from "./heap.js";

/** What an abstract object stands for. */
export type ObjectKind =
  /** Static fields, and what else there is once. */
  | "statics"
  /** What an instruction made. */
  | "made"
  /** An object of a component, which Android makes. */
  | "component"
  /** What the app was given from outside. */
  | "given"
  /** What outlives the process: preferences, a file, a table. */
  | "store"
  /** A call that Android will make. */
  | "registration";

/** Static fields are fields of this object. */
export const STATICS = 0;

const MOST_DEPTH = 30;

/** Objects, their fields, and the chains of calls that they were made under, by number. */
export class Objects {
  readonly kinds: ObjectKind[] = [];
  /** By object: type, -1 where it is not known. */
  readonly types: number[] = [];
  /** By object: whether its class is its type for certain, not one below. */
  readonly isExact: boolean[] = [];
  /** By object: whether its class is one of Android's, whatever of the app inherits from its type. */
  readonly isPlatform: boolean[] = [];
  /** By object: whether it may stand for more than one. */
  readonly isMany: boolean[] = [];
  /** By object: whether a constructor of it was not gone into, so that what its fields hold at first is not known. */
  readonly isOpen: boolean[] = [];
  /** By object: how many fields deep it lies in what was given. */
  readonly depths: number[] = [];
  /** By object: its cells, by field. */
  readonly cells: Map<number, number>[] = [];
  /** By object of kind `store`: preferences, files, … as the rules name them. */
  readonly storeKinds = new Map<number, string>();
  /** By object: cells that ever held it. */
  readonly holders: Set<number>[] = [];
  /** By object: whether a slot or an element of it ever held a source's value. */
  readonly holdsMarks: boolean[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #fieldNumbers = new Map<string, number>();
  /** By field: `Lcom/acme/Box;->value`, `.file`, `[*`, `[12` of constant 12. */
  readonly fields: string[] = [];
  readonly cellObjects: number[] = [];
  readonly cellFields: number[] = [];
  readonly #contexts = new Map<number, number>();
  readonly #contextParents: number[] = [-1];
  readonly #contextMethods: number[] = [-1];
  readonly #contextDepths: number[] = [0];
  /** Any element of an object. */
  readonly anyElement = this.fieldOf("[*");
  /** Whether an object exists: set where it is made. */
  readonly existence = this.fieldOf("exists");

  constructor() {
    this.find("statics", "statics", -1, true);
  }

  /** Objects that instructions made, and that calls were given, by chain of calls and site. */
  readonly madeAt = new Map<number, number>();
  readonly givenAt = new Map<number, number>();

  /** The object of an instruction under a chain of calls. */
  findAt(
    at: Map<number, number>,
    context: number,
    site: number,
    kind: ObjectKind,
    type: number,
    isExact: boolean,
  ): number {
    const key = context * 0x400_0000 + site;
    let object = at.get(key);
    if (object === undefined) {
      object = this.#add(kind, type, isExact, 0);
      at.set(key, object);
    }
    return object;
  }

  /** The object of a key, made if it is new. */
  find(key: string, kind: ObjectKind, type: number, isExact: boolean, depth = 0): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const object = this.#add(kind, type, isExact, depth);
    this.#numbers.set(key, object);
    return object;
  }

  /** The object of a component: there is one of each at a time. */
  ofComponent(type: number): number {
    return this.find(`component ${type}`, "component", type, true);
  }

  #add(kind: ObjectKind, type: number, isExact: boolean, depth: number): number {
    const object = this.kinds.push(kind) - 1;
    this.types.push(type);
    this.isExact.push(isExact);
    this.isPlatform.push(false);
    this.isMany.push(false);
    this.isOpen.push(false);
    this.depths.push(depth);
    this.cells.push(new Map());
    this.holders.push(new Set());
    this.holdsMarks.push(false);
    return object;
  }

  fieldOf(text: string): number {
    const known = this.#fieldNumbers.get(text);
    if (known !== undefined) return known;
    const field = this.fields.push(text) - 1;
    this.#fieldNumbers.set(text, field);
    return field;
  }

  /** The cell of an object's field. */
  cellOf(object: number, field: number): number {
    const ofObject = this.cells[object]!;
    const known = ofObject.get(field);
    if (known !== undefined) return known;
    const cell = this.cellObjects.length;
    // What does not fit shares the last cell, to which all is added: more may flow then than does.
    if (cell >= MOST_CELLS) return MOST_CELLS - 1;
    this.cellObjects.push(object);
    this.cellFields.push(field);
    ofObject.set(field, cell);
    return cell;
  }

  /** The chain of calls that a call of a method under another chain makes; the outermost is 0. Of recursion, one round counts. */
  enter(context: number, site: number, method: number): number {
    for (let at = context; at > 0; at = this.#contextParents[at]!)
      if (this.#contextMethods[at] === method) return at;
    if (this.#contextDepths[context]! >= MOST_DEPTH) return context;
    const key = context * 0x8000_0000 + site;
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const entered = this.#contextParents.push(context) - 1;
    this.#contextMethods.push(method);
    this.#contextDepths.push(this.#contextDepths[context]! + 1);
    this.#contexts.set(key, entered);
    return entered;
  }
}
