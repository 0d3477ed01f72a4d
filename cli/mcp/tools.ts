import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ProfileDiff } from '../../profile/diff/profileDiff.ts';
import type { Report } from '../../profile/report.ts';
import { ownAnswer, ownCommand } from './ownCommand.ts';
import { type McpTool, type ToolAnswer, ToolError } from './protocol.ts';
import { type FieldSchema, type InputSchema, ToolInput } from './toolInput.ts';

/** What was profiled for this client. */
interface Made {
  readonly id: string;
  readonly file: string;
  /** What tells its program: a script's path, or a process. */
  readonly program: string;
}

/** Profiles kept at most: the oldest are deleted. */
const MAX_PROFILES = 50;
/** Most call paths, and frames of each (the innermost). */
const MAX_PATHS = 3;
const MAX_FRAMES = 12;

const pid: FieldSchema = { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1, description: 'Id of the process.' };
const limit: FieldSchema = { type: 'integer', minimum: 1, maximum: 50, default: 10, description: 'Longest lists of the answer.' };
const count: FieldSchema = {
  type: 'string',
  maxLength: 10,
  enum: ['running', 'gil', 'all'],
  default: 'running',
  description: 'Which samples count: of threads that ran or could run; that held the GIL; or all, of waiting threads, too.',
};
const reading = { readOnlyHint: true, openWorldHint: false } as const;

function schema(properties: Readonly<Record<string, FieldSchema>>, required?: readonly string[]): InputSchema {
  return { type: 'object', properties, ...(required === undefined ? {} : { required }), additionalProperties: false };
}

/** The tools of one client, and the profiles that it has had made. */
export class McpTools {
  readonly #python: string;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'heatline-mcp-'));
  readonly #made: Made[] = [];
  #count = 0;

  /** @param python what scripts are run with unless the client says it */
  constructor(python: string) {
    this.#python = python;
  }

  /** Deletes what was made. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get tools(): readonly McpTool[] {
    return [this.#list(), this.#profile(), this.#report(), this.#compare(), this.#stacks()];
  }

  #list(): McpTool {
    return tool({
      name: 'heatline_list_processes',
      title: 'List Python processes',
      description: 'Lists the Python processes that run on this machine, to find the pid for heatline_profile and heatline_stacks.',
      inputSchema: schema({}),
      annotations: reading,
      answer: async (_input, signal) => ({ processes: await ownAnswer(['list', '--json'], { signal }) }),
    });
  }

  #profile(): McpTool {
    return tool({
      name: 'heatline_profile',
      title: 'Profile Python',
      description:
        'Measures where a Python program spends its time, by sampling it from outside: a running process by its pid (it is not restarted, changed or stopped), or a script, which is started, and ended after that time if it still runs. Answers with the hottest functions and source lines (self and total time as shares from 0 to 1), call paths, what threads did and how good the measurement is. Use it before and after you change code for speed; heatline_compare says then what changed.',
      inputSchema: schema({
        pid,
        script: { type: 'string', maxLength: 4096, description: 'A Python file to start, instead of a pid.' },
        args: { type: 'array', items: { type: 'string', maxLength: 4096 }, maxItems: 64, description: 'Arguments of the script.' },
        python: { type: 'string', maxLength: 4096, description: 'The Python to start the script with.' },
        folder: { type: 'string', maxLength: 4096, description: 'Where to start the script; its own folder unless told.' },
        seconds: { type: 'number', minimum: 0.1, maximum: 600, default: 5, description: 'How long to measure.' },
        limit,
        count,
      }),
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
      answer: async (input, signal) => {
        const process = input.number('pid');
        const script = input.text('script');
        if ((process === undefined) === (script === undefined))
          throw new ToolError('Give either "pid", a running process, or "script", a Python file.');
        const id = `profile-${++this.#count}`;
        const file = path.join(this.#folder, `${id}.heatline.json.gz`);
        const seconds = input.number('seconds')!;
        const record = ['record', '--quiet', '--output', file];
        let notes: readonly string[] = [];
        let program = `process ${process}`;
        if (script === undefined) {
          const { code, said } = await ownCommand([...record, '--pid', String(process), '--duration', String(seconds)], { signal });
          if (code !== 0) throw new ToolError(said === '' ? `Process ${process} could not be profiled.` : said);
        } else {
          program = path.resolve(script);
          if (!(await isFile(program))) throw new ToolError(`There is no file ${program}.`);
          const command = [input.text('python') ?? this.#python, program, ...(input.texts('args') ?? [])];
          const workingDirectory = path.resolve(input.text('folder') ?? path.dirname(program));
          const run = ownCommand([...record, '--subprocesses', '--', ...command], { signal, endAfter: seconds * 1000, workingDirectory });
          const { code, said } = await run;
          if (!(await isFile(file))) throw new ToolError(`${program} could not be profiled. ${said}`);
          if (code !== 0)
            notes = [`The script ended with exit code ${code ?? 'of a signal'}.`, ...(said === '' ? [] : [`It said at its end: ${said}`])];
        }
        this.#keep({ id, file, program });
        return { ...(await this.#reportOn(id, file, input, signal)), ...(notes.length === 0 ? {} : { notes }) };
      },
    });
  }

  #report(): McpTool {
    return tool({
      name: 'heatline_report',
      title: 'Report on a profile',
      description:
        'The hottest functions and source lines of a profile: of the last one that was made, of another one by its id, or of a file.',
      inputSchema: schema({
        profile: { type: 'string', maxLength: 4096, description: 'An id that heatline_profile told, or a saved profile’s path.' },
        limit,
        count,
      }),
      annotations: reading,
      answer: async (input, signal) => {
        const { id, file } = await this.#find(input.text('profile'));
        return this.#reportOn(id, file, input, signal);
      },
    });
  }

  #compare(): McpTool {
    const profile = (which: string): FieldSchema => ({
      type: 'string',
      maxLength: 4096,
      description: `The profile ${which}: an id, or a saved profile’s path.`,
    });
    return tool({
      name: 'heatline_compare',
      title: 'Compare two profiles',
      description:
        'What became slower and faster between two profiles, in self and total time, as far as it is not chance; without ids, between the last profile and the one before of the same program.',
      inputSchema: schema({
        before: profile('before'),
        after: profile('after'),
        by: {
          type: 'string',
          maxLength: 10,
          enum: ['share', 'seconds'],
          default: 'share',
          description: 'What is compared: shares of the time, or seconds of runs that did the same work.',
        },
        lines: { type: 'boolean', default: false, description: 'Compare lines, not functions.' },
        limit,
        count,
      }),
      annotations: reading,
      answer: async (input, signal) => {
        const [before, after] = await this.#pair(input.text('before'), input.text('after'));
        const options = [
          ...(input.text('by') === 'seconds' ? ['--seconds'] : []),
          ...(input.flag('lines') ? ['--lines'] : []),
          ...counting(input),
        ];
        const diff = (await ownAnswer(['diff', '--json', ...options, before.file, after.file], { signal })) as ProfileDiff;
        return compared(diff, before.id, after.id, input.number('limit')!);
      },
    });
  }

  #stacks(): McpTool {
    return tool({
      name: 'heatline_stacks',
      title: 'Look at Python stacks',
      description:
        'What every thread of a Python process does now: its state, who holds the GIL, what it waits for, and its stack, the innermost function first. For programs that hang. No values of variables.',
      inputSchema: schema(
        { pid, frames: { type: 'integer', minimum: 1, maximum: 100, default: MAX_FRAMES, description: 'Most frames of a thread.' } },
        ['pid'],
      ),
      annotations: reading,
      answer: async (input, signal) => {
        const most = input.number('frames')!;
        const threads = (await ownAnswer(['dump', '--json', '--pid', String(input.number('pid'))], { signal })) as readonly DumpedThread[];
        return { threads: threads.map((thread) => threadAnswer(thread, most)) };
      },
    });
  }

  async #reportOn(id: string, file: string, input: ToolInput, signal: AbortSignal): Promise<ToolAnswer> {
    const report = (await ownAnswer(['report', '--json', '--top', String(input.number('limit')), ...counting(input), file], {
      signal,
    })) as Report;
    return {
      profile: id,
      ...report,
      paths: report.paths.slice(0, MAX_PATHS).map(({ share, frames }) => ({
        share,
        outerFramesLeftOut: Math.max(0, frames.length - MAX_FRAMES),
        frames: frames.slice(-MAX_FRAMES),
      })),
    };
  }

  #keep(made: Made): void {
    this.#made.push(made);
    while (this.#made.length > MAX_PROFILES) rmSync(this.#made.shift()!.file, { force: true });
  }

  /** @throws ToolError */
  async #find(profile: string | undefined): Promise<Pick<Made, 'id' | 'file'>> {
    const made = profile === undefined ? this.#made.at(-1) : this.#made.find(({ id }) => id === profile);
    if (made !== undefined) return made;
    if (profile !== undefined && (await isFile(profile))) return { id: profile, file: path.resolve(profile) };
    throw new ToolError(
      profile === undefined
        ? 'There is no profile yet. heatline_profile makes one.'
        : `There is no profile ${JSON.stringify(profile.slice(0, 200))}${this.#ids()}.`,
    );
  }

  /** @throws ToolError */
  async #pair(
    before: string | undefined,
    after: string | undefined,
  ): Promise<readonly Pick<Made, 'id' | 'file'>[] & readonly [Pick<Made, 'id' | 'file'>, Pick<Made, 'id' | 'file'>]> {
    if (before !== undefined && before === after) throw new ToolError('"before" and "after" are the same profile.');
    if (before !== undefined && after !== undefined) return [await this.#find(before), await this.#find(after)];
    const last = after === undefined ? this.#made.at(-1) : this.#made.find(({ id }) => id === after);
    if (before !== undefined && last !== undefined && last.id !== before) return [await this.#find(before), last];
    const index = last === undefined ? -1 : this.#made.indexOf(last);
    const earlier = this.#made.slice(0, Math.max(0, index)).findLast(({ program }) => program === last?.program);
    if (last === undefined || earlier === undefined)
      throw new ToolError(
        `No two profiles of one program were made yet${this.#ids()}. heatline_profile makes another one; "before" and "after" choose any two.`,
      );
    return [earlier, last];
  }

  #ids(): string {
    return this.#made.length === 0
      ? ''
      : `; there are ${this.#made
          .map(({ id, program }) => `"${id}" (${program})`)
          .slice(-20)
          .join(', ')}`;
  }
}

interface ToolParts extends Omit<McpTool, 'call' | 'inputSchema'> {
  readonly inputSchema: InputSchema;
  readonly answer: (input: ToolInput, signal: AbortSignal) => Promise<ToolAnswer>;
}

function tool({ answer, ...parts }: ToolParts): McpTool {
  return { ...parts, call: (given, signal) => answer(new ToolInput(parts.inputSchema, given), signal) };
}

function counting(input: ToolInput): readonly string[] {
  const counted = input.text('count');
  return counted === 'all' ? ['--idle'] : counted === 'gil' ? ['--gil'] : [];
}

/** Of what changed, what is more than chance. */
function compared(diff: ProfileDiff, before: string, after: string, most: number): ToolAnswer {
  const changes = (of: 'self' | 'total', sign: 1 | -1): readonly object[] =>
    diff.rows
      .filter((row) => row[of].isSignificant && sign * (row[of].after - row[of].before) > 0)
      .sort((a, b) => sign * (b[of].after - b[of].before - (a[of].after - a[of].before)))
      .slice(0, most)
      .map((row) => ({ ...row.place, before: row[of].before, after: row[of].after }));
  const lone = (rows: ProfileDiff['onlyAfter']): readonly object[] =>
    rows
      .filter(({ isSignificant }) => isSignificant)
      .slice(0, most)
      .map(({ place, self, total }) => ({ ...place, self, total }));
  return {
    before: { profile: before, ...diff.before },
    after: { profile: after, ...diff.after },
    program: diff.program,
    slower: { self: changes('self', 1), total: changes('total', 1) },
    faster: { self: changes('self', -1), total: changes('total', -1) },
    onlyBefore: lone(diff.onlyBefore),
    onlyAfter: lone(diff.onlyAfter),
    maybeChance: diff.rows.filter(({ self, total }) => !self.isSignificant && !total.isSignificant).length,
  };
}

/** What we use of `heatline dump --json` (dumpJson.ts). */
interface DumpedThread {
  readonly thread_name: string;
  readonly os_thread_id: number;
  readonly state: string;
  readonly owns_gil: boolean;
  readonly deadlocked: boolean;
  readonly waits_for: unknown;
  readonly incomplete: unknown;
  readonly frames: readonly { readonly name: string; readonly filename: string; readonly line: number }[];
}

function threadAnswer(thread: DumpedThread, most: number): object {
  return {
    name: thread.thread_name,
    osThreadId: thread.os_thread_id,
    state: thread.state,
    holdsGil: thread.owns_gil,
    deadlocked: thread.deadlocked,
    waitsFor: thread.waits_for,
    incomplete: thread.incomplete,
    frames: thread.frames.slice(0, most).map(({ name, filename, line }) => ({ function: name, file: filename, line })),
    outerFramesLeftOut: Math.max(0, thread.frames.length - most),
  };
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
