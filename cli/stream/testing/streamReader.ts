import assert from 'node:assert/strict';

type Check = (value: unknown) => boolean;
const integer: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const amount: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const text: Check = (value) => typeof value === 'string';
const truth: Check = (value) => typeof value === 'boolean';
const or =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const is =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const record =
  (members: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(members).every(([name, check]) => check((value as Record<string, unknown>)[name])) &&
    Object.entries(value).every(([name, member]) => name in members || (optional[name]?.(member) ?? false));
const nothing = is(null);

const quality = record({
  ...Object.fromEntries(
    ['ticks', 'samples', 'partial', 'lost', 'missed', 'latenessMedian', 'latenessMax', 'elapsed', 'samplerCpu'].map((name) => [
      name,
      amount,
    ]),
  ),
  requestedRate: amount,
  stops: integer,
  stoppedTime: amount,
  shareError: or(amount, nothing),
  noStops: or(text, nothing),
});

/** docs/stream.md, as a reader has it who knows nothing else. */
const schema: Readonly<Record<string, Check>> = {
  'waiting': record({ event: text, pid: integer }),
  'started': record({
    event: text,
    version: is(1),
    heatline: text,
    pid: integer,
    python: text,
    rate: or(amount, is('max')),
    startedAt: text,
  }),
  'process': record({
    event: text,
    id: integer,
    pid: integer,
    parent: or(integer, nothing),
    name: text,
    commandLine: list(text),
    workingDirectory: or(text, nothing),
    python: text,
    at: integer,
  }),
  'process-renamed': record({ event: text, id: integer, name: text }),
  'process-ended': record({ event: text, id: integer, at: integer }),
  'thread': record({ event: text, id: integer, process: integer, osId: integer, name: text, isMain: truth, at: integer }),
  'thread-renamed': record({ event: text, id: integer, name: text }),
  'thread-ended': record({ event: text, id: integer, at: integer }),
  'stacks': record({
    event: text,
    functions: list(record({ id: integer, name: text, file: text, line: integer })),
    stacks: list(record({ id: integer, parent: integer, function: integer, line: integer })),
  }),
  'samples': record({
    event: text,
    from: integer,
    until: integer,
    samples: list(
      record({
        thread: integer,
        stack: integer,
        state: is('running', 'ready', 'waiting'),
        gil: truth,
        gc: truth,
        partial: truth,
        samples: integer,
        time: integer,
        cpu: integer,
      }),
    ),
  }),
  'quality': record({ event: text, until: integer, quality, skipped: record({ samples: integer, time: amount }) }),
  'ended': record(
    { event: text, reason: text, problem: or(text, nothing), profile: or(text, nothing) },
    { exit: record({ code: or(integer, nothing), signal: or(text, nothing) }) },
  ),
};

/** What a program makes of a stream. Fails where it is not what the documentation says. */
export class StreamReader {
  readonly events: string[] = [];
  readonly processes: { pid: number; isEnded: boolean }[] = [];
  readonly threads: { name: string; process: number; isEnded: boolean }[] = [];
  readonly functions: string[] = [];
  /** Names of functions, root first. */
  readonly stacks: (readonly string[])[] = [[]];
  /** By thread's name, stack and state. */
  readonly times = new Map<string, number>();
  samples = 0;
  skipped = 0;
  quality: { readonly samples: number } = { samples: 0 };
  ended: { readonly reason: string; readonly problem: string | null; readonly profile: string | null; readonly exit?: unknown } | undefined;
  #until = 0;

  /** @param line without its end */
  read(line: string): void {
    const said = JSON.parse(line) as Record<string, never> & { readonly event: string };
    assert.ok(schema[said.event]?.(said) === true, `not as documented: ${line.slice(0, 1000)}`);
    assert.equal(this.ended, undefined, 'nothing follows the end');
    this.events.push(said.event);
    this.#take(said);
  }

  /** The share of time of stacks that end with a function, 0 to 1. */
  share(leaf: string): number {
    let [part, all] = [0, 0];
    for (const [key, time] of this.times) {
      all += time;
      if (key.split('|')[1]!.split(';').at(-1) === leaf) part += time;
    }
    return part / all;
  }

  #take(said: Record<string, never> & { readonly event: string }): void {
    const event = said as unknown as Event;
    switch (event.event) {
      case 'process':
        assert.equal(event.id, this.processes.length);
        assert.ok(event.parent === null || event.parent < event.id);
        this.processes.push({ pid: event.pid, isEnded: false });
        break;
      case 'thread':
        assert.equal(event.id, this.threads.length);
        assert.ok(event.process < this.processes.length);
        this.threads.push({ name: event.name, process: event.process, isEnded: false });
        break;
      case 'thread-renamed':
        this.threads[event.id]!.name = event.name;
        break;
      case 'thread-ended':
        assert.equal(this.threads[event.id]!.isEnded, false);
        this.threads[event.id]!.isEnded = true;
        break;
      case 'process-ended':
        this.processes[event.id]!.isEnded = true;
        break;
      case 'stacks':
        for (const { id, name } of event.functions) assert.equal(this.functions.push(name) - 1, id);
        for (const { id, parent, function: func } of event.stacks) {
          assert.ok(parent < id && func < this.functions.length);
          assert.equal(this.stacks.push([...this.stacks[parent]!, this.functions[func]!]) - 1, id);
        }
        break;
      case 'samples':
        assert.ok(event.from >= this.#until && event.until >= event.from);
        for (const { thread, stack, state, samples, time } of event.samples) {
          assert.ok(thread < this.threads.length && stack < this.stacks.length, 'numbers are told before they are used');
          const key = `${this.threads[thread]!.name}|${this.stacks[stack]!.join(';')}|${state}`;
          this.times.set(key, (this.times.get(key) ?? 0) + time);
          this.samples += samples;
        }
        break;
      case 'quality':
        this.#until = event.until;
        this.quality = event.quality;
        this.skipped = event.skipped.samples;
        break;
      case 'ended':
        this.ended = event;
        break;
    }
  }
}

type Event =
  | { event: 'process'; id: number; pid: number; parent: number | null }
  | { event: 'thread'; id: number; process: number; name: string }
  | { event: 'thread-renamed'; id: number; name: string }
  | { event: 'thread-ended' | 'process-ended'; id: number }
  | {
      event: 'stacks';
      functions: { id: number; name: string }[];
      stacks: { id: number; parent: number; function: number }[];
    }
  | {
      event: 'samples';
      from: number;
      until: number;
      samples: { thread: number; stack: number; state: string; samples: number; time: number }[];
    }
  | { event: 'quality'; until: number; quality: { samples: number }; skipped: { samples: number } }
  | { event: 'ended'; reason: string; problem: string | null; profile: string | null };
