import { AustinSamples } from './austinThreads.ts';
import type { ProfileReader } from './format.ts';
import { cost, JsonBudget } from './jsonBudget.ts';
import type { SavedProfile } from './savedProfile.ts';
import { TextLines } from './textLines.ts';

/** Frames that are none, and stand for what Austin could not read, or saw the collector do. */
const INVALID = ':INVALID:';
const COLLECTING = ':GC:';

/**
 * Reads Austin's text (3.0 and later): `# key: value`, and a line for each sample, `P<pid>;T<interpreter>:<thread>;file:function:line µs`, in
 * full mode (`-f`) `µs,idle,bytes`.
 */
export class AustinReader implements ProfileReader {
  readonly #lines = new TextLines('a file of Austin', (line) => this.#line(line));
  readonly #samples = new AustinSamples();
  readonly #budget = new JsonBudget();
  readonly #frames = new Map<string, number>();

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): SavedProfile {
    this.#lines.end();
    return this.#samples.end();
  }

  #line(line: string): void {
    if (line === '') return;
    const metadata = /^# ([^:]+): (.*)$/.exec(line);
    if (metadata !== null) {
      this.#samples.metadata(metadata[1]!, metadata[2]!);
      return;
    }
    if (line.startsWith('#')) return;
    const sample =
      SAMPLE.exec(line) ??
      this.#lines.fail('is no sample: “P”, a process, “;T”, a thread, frames, and after a space a number of microseconds were due');
    const [, pid = '', interpreter = '0', thread = '', frames = '', time = '', idle] = sample;
    let stack = 0;
    let isCollecting = false;
    for (const frame of frames === '' ? [] : frames.slice(1).split(';')) {
      if (frame === COLLECTING) isCollecting = true;
      else if (frame !== '') stack = this.#samples.builder.stack(stack, this.#frame(frame));
    }
    if (Number(time) === 0) return; // it took none
    this.#samples.add({
      ...{ pid: Number(pid), interpreter: Number(interpreter), thread, osThreadId: /^\d{1,10}$/.test(thread) ? Number(thread) : 0 },
      ...{ stack, time: Number(time), isIdle: idle === '1', isCollecting },
    });
  }

  #frame(text: string): number {
    let id = this.#frames.get(text);
    if (id === undefined) {
      this.#budget.take(cost.text + 2 * text.length);
      const [, file = '', name = text === INVALID ? '(not read)' : text, line = '0'] = FRAME.exec(text) ?? [];
      const number = Number(line);
      id = this.#samples.builder.frame(name, file, number < 2 ** 31 ? number : 0);
      this.#frames.set(text, id);
    }
    return id;
  }
}

const SAMPLE = /^P(\d{1,15});T(?:(\d{1,15}):)?([^;]*?)((?:;.*)?) (\d{1,15})(?:,([01]),-?\d+)?$/s;
const FRAME = /^(.*):([^:]+):(\d+)$/s;

/** Whether a file's beginning is one of Austin's. */
export function beginsAustin(start: string): boolean {
  return start.startsWith('# austin: ') || /^(?:#[^\n]*\n|\s)*P\d+;T[^\n]* \d+(?:,[01],-?\d+)?\s*(?:\n|$)/.test(start);
}
