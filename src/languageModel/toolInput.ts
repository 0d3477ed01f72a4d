/** What is wrong with the input of a tool, or why there is no answer: a sentence for the model, with what to do. */
export class NoAnswer extends Error {}

export interface ProfileInput {
  readonly target:
    | { readonly pid: number }
    | { /** Without arguments those of the settings count. */ readonly script: string; readonly args: readonly string[] | undefined };
  readonly seconds: number;
  readonly limit: number;
  readonly count: Counted;
}

export interface ReportInput {
  /** Its id; undefined: the one in front, else the newest. */
  readonly profile: string | undefined;
  /** A name, or the system's id. */
  readonly thread: string | undefined;
  readonly limit: number;
  readonly count: Counted;
}

export interface StacksInput {
  readonly pid: number;
  /** Most frames of a thread. */
  readonly frames: number;
}

export interface CompareInput {
  /** Ids of profiles; undefined: of two runs of a program, which is the last one that was run twice unless the other id says which. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly by: ComparedBy;
  /** Lines, not functions. */
  readonly lines: boolean;
  readonly limit: number;
  readonly count: Counted;
}

/** Shares of the time, or seconds, which say something where both runs did the same work. */
type ComparedBy = (typeof comparedBy)[number];

const comparedBy = ['share', 'seconds'] as const;

/** Which samples count: of threads that ran or could run; that held the GIL; or all, of waiting ones too. */
export type Counted = (typeof counted)[number];

const counted = ['running', 'gil', 'all'] as const;

/** Most of what can be asked for, and what it is unless told; the manifest's schemas say the same. */
export const limits = {
  seconds: { most: 60, usual: 5 },
  places: { most: 50, usual: 10 },
  frames: { most: 100, usual: 12 },
  args: 64,
  /** Characters of one text. */
  text: 4096,
} as const;

/** @throws NoAnswer for whatever is not as the schema says */
export function parseListInput(input: unknown): Readonly<Record<string, never>> {
  new Fields(input, []);
  return {};
}

/** @throws NoAnswer for whatever is not as the schema says */
export function parseProfileInput(input: unknown): ProfileInput {
  const fields = new Fields(input, ['pid', 'script', 'args', 'seconds', 'limit', 'count']);
  const pid = fields.pid();
  const script = fields.text('script');
  const args = fields.texts('args');
  if ((pid === undefined) === (script === undefined))
    throw new NoAnswer('Give either "pid", a running process, or "script", a Python file.');
  if (pid !== undefined && args !== undefined) throw new NoAnswer('"args" go with "script": a running process has its arguments already.');
  return {
    target: pid === undefined ? { script: script!, args } : { pid },
    seconds: fields.number('seconds', 0.1, limits.seconds.most) ?? limits.seconds.usual,
    ...fields.counting(),
  };
}

/** @throws NoAnswer for whatever is not as the schema says */
export function parseReportInput(input: unknown): ReportInput {
  const fields = new Fields(input, ['profile', 'thread', 'limit', 'count']);
  return { profile: fields.text('profile'), thread: fields.text('thread'), ...fields.counting() };
}

/** @throws NoAnswer for whatever is not as the schema says */
export function parseStacksInput(input: unknown): StacksInput {
  const fields = new Fields(input, ['pid', 'frames']);
  const pid = fields.pid();
  if (pid === undefined) throw new NoAnswer('"pid" is missing: the id of the process. heatline_list_processes has them.');
  return { pid, frames: fields.whole('frames', limits.frames.most) ?? limits.frames.usual };
}

/** @throws NoAnswer for whatever is not as the schema says */
export function parseCompareInput(input: unknown): CompareInput {
  const fields = new Fields(input, ['before', 'after', 'by', 'lines', 'limit', 'count']);
  return {
    before: fields.text('before'),
    after: fields.text('after'),
    by: fields.oneOf('by', comparedBy),
    lines: fields.flag('lines'),
    ...fields.counting(),
  };
}

/** An object whose fields are known by name, and each taken as what it has to be. */
class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(input: unknown, known: readonly string[]) {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new NoAnswer('The input has to be an object.');
    const unknown = Object.keys(input).find((key) => !known.includes(key));
    if (unknown !== undefined) {
      const there = known.length === 0 ? 'none' : known.map((name) => `"${name}"`).join(', ');
      throw new NoAnswer(`There is no field ${JSON.stringify(unknown.slice(0, 100))}; there is ${there}.`);
    }
    this.#values = { ...input };
  }

  pid(): number | undefined {
    return this.whole('pid', 2 ** 32 - 1);
  }

  counting(): { readonly limit: number; readonly count: Counted } {
    const count = this.oneOf('count', counted);
    return { limit: this.whole('limit', limits.places.most) ?? limits.places.usual, count };
  }

  /** The first choice unless told. */
  oneOf<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const value = this.#values[name];
    const found = value === undefined ? choices[0] : choices.find((one) => one === value);
    if (found === undefined) throw new NoAnswer(`"${name}" has to be one of ${choices.map((one) => `"${one}"`).join(', ')}.`);
    return found;
  }

  flag(name: string): boolean {
    const value = this.#values[name];
    if (value !== undefined && typeof value !== 'boolean') throw new NoAnswer(`"${name}" has to be true or false.`);
    return value ?? false;
  }

  whole(name: string, most: number): number | undefined {
    const value = this.number(name, 1, most);
    if (value !== undefined && !Number.isInteger(value)) throw new NoAnswer(`"${name}" has to be a whole number.`);
    return value;
  }

  number(name: string, least: number, most: number): number | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !(value >= least && value <= most))
      throw new NoAnswer(`"${name}" has to be a number from ${least} to ${most}.`);
    return value;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (!isText(value) || value === '')
      throw new NoAnswer(`"${name}" has to be text of 1 to ${limits.text} characters without a null character.`);
    return value;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > limits.args || !value.every(isText))
      throw new NoAnswer(`"${name}" has to be a list of at most ${limits.args} texts of at most ${limits.text} characters each.`);
    return value;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.text && !value.includes('\0');
}
