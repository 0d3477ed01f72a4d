import { ProfileFormatError } from '../profileFormatError.ts';
import type { ProfileReader } from './format.ts';
import { bad, column, finite, index, type JsonObject, list, mapped, object, text } from './json.ts';
import { JsonReader, type Shape } from './jsonReader.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

const shape: Shape = {
  name: true,
  shared: { frames: { name: true, file: true, line: true } },
  profiles: {
    ...{ type: true, name: true, unit: true, startValue: true, weights: true, samples: 'lists' },
    events: { type: true, at: true, frame: true },
  },
};

/** µs by unit. A profile without a unit counts samples; Heatline takes one for 1 ms, its own default. */
const units: Readonly<Record<string, number>> = { nanoseconds: 0.001, microseconds: 1, milliseconds: 1000, seconds: 1e6, none: 1000 };

/** Reads speedscope's own files, sampled and evented, with any number of profiles: each is a thread. */
export class SpeedscopeReader implements ProfileReader {
  readonly #json = new JsonReader(shape);

  push(bytes: Uint8Array): void {
    this.#json.push(bytes);
  }

  end(): SavedProfile {
    const root = object(this.#json.end(), 'the file');
    const builder = new ProfileBuilder();
    const frames = mapped(list(object(root['shared'], 'shared')['frames'], 'shared.frames'), (value, i) => {
      const path = `shared.frames[${i}]`;
      const frame = object(value, path);
      const { line, file } = frame;
      return builder.frame(
        text(frame['name'], `${path}.name`),
        typeof file === 'string' ? file : '',
        line === null || line === undefined ? 0 : index(line, 2 ** 31, `${path}.line`),
      );
    });
    const threads = new Threads(builder, typeof root['name'] === 'string' ? root['name'] : '');
    const profiles = list(root['profiles'], 'profiles');
    if (profiles.length === 0) bad('profiles', 'is empty');
    mapped(profiles, (value, i) => {
      const path = `profiles[${i}]`;
      const profile = object(value, path);
      const unit = text(profile['unit'], `${path}.unit`);
      const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
      if (scale === undefined) throw new ProfileFormatError(`This profile is of ${unit}, and Heatline can show times only.`);
      const thread = threads.of(text(profile['name'], `${path}.name`));
      if (profile['type'] === 'sampled') readSampled(builder, profile, path, thread, scale, frames);
      else if (profile['type'] === 'evented') readEvents(builder, profile, path, thread, scale, frames);
      else bad(`${path}.type`, 'is neither sampled nor evented');
    });
    return builder.end();
  }
}

function readSampled(
  builder: ProfileBuilder,
  profile: JsonObject,
  path: string,
  thread: number,
  scale: number,
  frames: readonly number[],
): void {
  const samples = list(profile['samples'], `${path}.samples`);
  const weights = column(profile['weights'], samples.length, `${path}.weights`);
  let at = finite(profile['startValue'] ?? 0, `${path}.startValue`) * scale;
  mapped(samples, (value, i) => {
    const where = `${path}.samples[${i}]`;
    const sample = list(value, where);
    let stack = 0;
    for (let depth = 0; depth < sample.length; depth++)
      stack = builder.stack(stack, frames[index(sample.at(depth), frames.length, `${where}[${depth}]`)]!);
    const weight = finite(weights.at(i), `${path}.weights[${i}]`) * scale;
    if (weight < 0) bad(`${path}.weights[${i}]`, 'is negative');
    if (weight > 0) builder.run(thread, stack, at, weight);
    at += weight;
  });
}

function readEvents(
  builder: ProfileBuilder,
  profile: JsonObject,
  path: string,
  thread: number,
  scale: number,
  frames: readonly number[],
): void {
  const open: { readonly frame: number; readonly stack: number }[] = [];
  let last = finite(profile['startValue'] ?? 0, `${path}.startValue`) * scale;
  mapped(list(profile['events'], `${path}.events`), (value, i) => {
    const where = `${path}.events[${i}]`;
    const event = object(value, where);
    const at = finite(event['at'], `${where}.at`) * scale;
    const frame = index(event['frame'], frames.length, `${where}.frame`);
    if (at < last) bad(`${where}.at`, 'is before the event before it');
    const stack = open.at(-1)?.stack ?? 0;
    if (at > last) builder.run(thread, stack, last, at - last);
    last = at;
    if (event['type'] === 'O') open.push({ frame, stack: builder.stack(stack, frames[frame]!) });
    else if (event['type'] !== 'C') bad(`${where}.type`, 'is neither O nor C');
    else if (open.pop()?.frame !== frame) bad(where, 'closes a frame that is not the innermost open one');
  });
}

/** Threads and processes by the names that py-spy and Heatline give profiles. */
class Threads {
  readonly #builder: ProfileBuilder;
  readonly #program: string;
  readonly #processes = new Map<string, number>();

  constructor(builder: ProfileBuilder, program: string) {
    this.#builder = builder;
    this.#program = program;
  }

  of(name: string): number {
    const pySpy = /^(?:Process (\d{1,15}) )?Thread (\d{1,15})(?: "(.*)")?$/s.exec(name);
    if (pySpy !== null) {
      const [, pid = '', tid = '', given = ''] = pySpy;
      return this.#thread(this.#process(this.#program, pid), given, Number(tid));
    }
    const own = /^(.+) \((\d{1,15})\): (.*)$/s.exec(name);
    if (own === null) return this.#thread(this.#process(this.#program, ''), name, 0);
    return this.#thread(this.#process(own[1]!, own[2]!), own[3]!, 0);
  }

  #thread(process: number, name: string, osThreadId: number): number {
    return this.#builder.thread({ process, name, osThreadId, isMain: name === 'MainThread' });
  }

  #process(name: string, pid: string): number {
    let id = this.#processes.get(pid);
    if (id === undefined) this.#processes.set(pid, (id = this.#builder.process({ name, pid: Number(pid) })));
    return id;
  }
}
