/** Characters of a piece, about. */
const pieceLength = 1 << 16;

/** A list in JSON whose values are made when they are written, one by one: the whole of it, millions of them, is never there. */
export class Column<T> {
  readonly length: number;
  readonly at: (index: number) => T;

  constructor(length: number, at: (index: number) => T) {
    this.length = length;
    this.at = at;
  }
}

/** What becomes a T in JSON: its lists may be columns. */
export type Written<T> = T extends readonly []
  ? T
  : T extends readonly (infer E)[]
    ? Column<Written<E>> | readonly Written<E>[]
    : T extends object
      ? { readonly [Key in keyof T]: Written<T[Key]> }
      : T;

/** The text that JSON.stringify makes of a value, piece by piece. Nothing in it may have a toJSON, and lists no holes. */
export function* jsonPieces(value: unknown): Generator<string, void> {
  const text = new Text();
  yield* pieces(value, text);
  yield text.take();
}

/** The value itself, with lists in the place of columns. */
export function expanded<T>(value: Written<T>): T {
  return expand(value) as T;
}

function expand(value: unknown): unknown {
  if (value instanceof Column) return Array.from({ length: value.length }, (_, index) => expand(value.at(index)));
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expand(one)]));
}

class Text {
  private text = '';

  add(text: string): void {
    this.text += text;
  }

  get isLong(): boolean {
    return this.text.length >= pieceLength;
  }

  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

function* pieces(value: unknown, text: Text): Generator<string, void> {
  if (value instanceof Column) {
    yield* list(value.length, (index) => value.at(index), text);
  } else if (Array.isArray(value)) {
    yield* list(value.length, (index) => value[index] as unknown, text);
  } else if (typeof value === 'object' && value !== null) {
    let before = '{';
    for (const [key, one] of Object.entries(value)) {
      if (one === undefined) continue;
      text.add(`${before}${JSON.stringify(key)}:`);
      yield* pieces(one, text);
      before = ',';
    }
    text.add(before === '{' ? '{}' : '}');
  } else {
    text.add(JSON.stringify(value));
  }
  if (text.isLong) yield text.take();
}

function* list(length: number, at: (index: number) => unknown, text: Text): Generator<string, void> {
  text.add('[');
  for (let index = 0; index < length; index++) {
    if (index > 0) text.add(',');
    const value = at(index);
    if (typeof value === 'object' && value !== null) {
      yield* pieces(value, text);
      continue;
    }
    text.add(typeof value === 'number' && Number.isFinite(value) ? String(value) : JSON.stringify(value));
    if (text.isLong) yield text.take();
  }
  text.add(']');
}
