/** What rows of a kind took, µs, by row: in the latest delta (`now`), and since the beginning. */
export interface TallyColumns {
  /** Innermost. */
  own: Float64Array<ArrayBuffer>;
  /** Anywhere in the stack; each sample counts once. */
  total: Float64Array<ArrayBuffer>;
  /** Of the total: on a core, with the GIL. */
  cpu: Float64Array<ArrayBuffer>;
  gil: Float64Array<ArrayBuffer>;
}

/** What a part of a row's time was. */
export interface Portion {
  readonly time: number;
  readonly cpu: number;
  readonly gil: number;
}

const names = ['own', 'total', 'cpu', 'gil'] as const satisfies readonly (keyof TallyColumns)[];

/** Sums by row of a table that grows. What is added costs as much as it touches, however many rows there are. */
export class Tally {
  readonly now: TallyColumns = emptyColumns();
  readonly since: TallyColumns = emptyColumns();
  /** Rows that may be other than 0 in `now`. */
  #touched: number[] = [];
  #isTouched = new Uint8Array(0);

  /** Makes room for rows. */
  grow(length: number): void {
    if (length <= this.now.own.length) return;
    const capacity = Math.max(64, length, this.now.own.length * 2);
    for (const columns of [this.now, this.since]) for (const name of names) columns[name] = grown(columns[name], capacity);
    const isTouched = new Uint8Array(capacity);
    isTouched.set(this.#isTouched);
    this.#isTouched = isTouched;
  }

  addOwn(row: number, time: number): void {
    this.#touch(row);
    this.now.own[row]! += time;
    this.since.own[row]! += time;
  }

  addTotal(row: number, { time, cpu, gil }: Portion): void {
    this.#touch(row);
    const { now, since } = this;
    now.total[row]! += time;
    now.cpu[row]! += cpu;
    now.gil[row]! += gil;
    since.total[row]! += time;
    since.cpu[row]! += cpu;
    since.gil[row]! += gil;
  }

  /** The next delta begins. */
  begin(): void {
    for (const row of this.#touched) {
      this.#isTouched[row] = 0;
      for (const name of names) this.now[name][row] = 0;
    }
    this.#touched = [];
  }

  /** From here on `since` counts. */
  reset(): void {
    this.begin();
    for (const name of names) this.since[name].fill(0);
  }

  #touch(row: number): void {
    if (this.#isTouched[row] !== 0) return;
    this.#isTouched[row] = 1;
    this.#touched.push(row);
  }
}

function emptyColumns(): TallyColumns {
  return { own: new Float64Array(0), total: new Float64Array(0), cpu: new Float64Array(0), gil: new Float64Array(0) };
}

function grown(from: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}
