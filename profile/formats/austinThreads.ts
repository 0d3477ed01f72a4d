import { SampleFlag } from '../delta.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { AustinClock } from './austinClock.ts';
import { ProfileBuilder } from './profileBuilder.ts';
import type { SavedProfile } from './savedProfile.ts';

/** A sample of Austin's, in text or in binary. */
export interface AustinSample {
  readonly pid: number;
  readonly interpreter: number;
  /** As Austin writes it: in text a decimal, in MOJO a hexadecimal number, from its version 4 on mostly a name. */
  readonly thread: string;
  readonly osThreadId: number;
  readonly stack: number;
  /** µs */
  readonly time: number;
  readonly isIdle: boolean;
  readonly isCollecting: boolean;
}

/** What is the same in both of Austin's formats: threads and processes, times, and what it says of all of the profile. */
export class AustinSamples {
  readonly builder = new ProfileBuilder();
  readonly #clock = new AustinClock();
  readonly #processes = new Map<number, number>();
  readonly #threads = new Map<string, number>();
  #version = '';

  /** @throws ProfileFormatError for a profile of something else than time */
  metadata(key: string, value: string): void {
    if (key === 'python') this.#version = value;
    if (key === 'mode' && value === 'memory')
      throw new ProfileFormatError('This profile is of memory (austin -m), and Heatline can show times only.');
  }

  add({ pid, interpreter, thread: name, osThreadId, stack, time, isIdle, isCollecting }: AustinSample): void {
    let process = this.#processes.get(pid);
    if (process === undefined) this.#processes.set(pid, (process = this.builder.process({ pid, pythonVersion: this.#version })));
    const key = `${pid} ${interpreter} ${name}`;
    let thread = this.#threads.get(key);
    if (thread === undefined) {
      const isMain = osThreadId === pid || name === 'MainThread';
      thread = this.builder.thread({ process, osThreadId, interpreterId: interpreter, name: osThreadId === 0 ? name : '', isMain });
      this.#threads.set(key, thread);
    }
    const flags = (isIdle ? 0 : SampleFlag.OnCpu) | (isCollecting ? SampleFlag.CollectingGarbage : 0);
    this.builder.run(thread, stack, this.#clock.startOf(thread, time), time, 1, flags);
  }

  end(): SavedProfile {
    if (this.#threads.size === 0) this.builder.thread({ process: this.builder.process({}) });
    return this.builder.end();
  }
}
