import type { FunctionRecord } from '../delta.ts';
import type { Profile } from '../profile.ts';
import { callTimes } from './callTimes.ts';
import type { WrittenSamples } from './format.ts';

/**
 * Callgrind's profile (https://valgrind.org/docs/manual/cl-format.html): self time of each line, and of each call from a line how long
 * it took in all. In the place of numbers of calls, which no sampler knows, stand samples.
 */
export function* callgrindText(profile: Profile, samples: WrittenSamples = {}): Generator<string, void> {
  const { functions: records, processes } = profile;
  const { groups, lines, calls, edges, functions } = callTimes(profile, samples);
  const files = new Names();
  const names = new Names();
  const keyOf = ({ name, file }: FunctionRecord): string => `${name.length} ${name}${file}`;
  const times = new Map<string, number>();
  for (const record of records) times.set(keyOf(record), (times.get(keyOf(record)) ?? 0) + 1);
  const nameOf = (func: number): string => {
    const record = records[func]!;
    // Functions of one name in one file are several.
    return names.reference(`${func}`, times.get(keyOf(record)) === 1 ? record.name : `${record.name}:${record.firstLine}`);
  };
  const total = functions.reduce((sum, { self }) => sum + Math.round(self), 0);
  yield `# callgrind format\nversion: 1\ncreator: Heatline\ncmd: ${oneLine(processes[0]?.commandLine.join(' ') ?? '')}\npositions: line\nevents: us\nsummary: ${total}\n`;
  const linesOf = records.map((): number[] => []);
  for (let group = 0; group < groups.length; group++) linesOf[groups.func(group)]!.push(group);
  const callsOf = lines.map((): number[] => []);
  for (let edge = 0; edge < edges.length; edge++) callsOf[edges.first(edge)]!.push(edge);
  for (const [func, { file }] of records.entries()) {
    if (functions[func]!.samples === 0) continue;
    yield `\nfl=${files.reference(file, file === '' ? '???' : file)}\nfn=${nameOf(func)}\n`;
    for (const group of linesOf[func]!) {
      const { self } = lines[group]!;
      if (self > 0) yield `${groups.line(group)} ${Math.round(self)}\n`;
      for (const edge of callsOf[group]!) {
        const called = edges.second(edge);
        const target = records[called]!;
        const { samples: count, time } = calls[edge]!;
        yield `cfi=${files.reference(target.file, target.file === '' ? '???' : target.file)}\ncfn=${nameOf(called)}\n`;
        yield `calls=${count} ${target.firstLine}\n${groups.line(group)} ${Math.round(time)}\n`;
      }
    }
  }
}

/** Names by number: each is written once. */
class Names {
  readonly #ids = new Map<string, number>();

  reference(key: string, name: string): string {
    const id = this.#ids.get(key);
    if (id !== undefined) return `(${id})`;
    this.#ids.set(key, this.#ids.size + 1);
    return `(${this.#ids.size}) ${oneLine(name)}`;
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
