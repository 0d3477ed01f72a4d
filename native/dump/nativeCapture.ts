import type { Memory } from '../memory/memory.ts';
import { type Region, type StopObstacle, ThreadContext, type ThreadContexts } from '../os/threadContexts.ts';
import type { Architecture } from '../unwind/architecture.ts';
import { StackCopy } from '../unwind/stackCopy.ts';

/** Threads that are stopped for a look: the program stands still for as long as it takes to copy the stacks of all. */
const maxStops = 64;
/** Bytes of all stacks that are copied. */
const maxTotal = 256 * 1024 * 1024;

/** Copies of stacks by the system's ids of their threads; texts say why there is none, for people. */
export type CapturedStacks = ReadonlyMap<number, StackCopy | string>;

const cannot = 'native frames can’t be read without stopping it';
const obstacles: Readonly<Record<StopObstacle | 'too-many', string>> = {
  'gone': 'has just ended',
  'own-child': `${cannot}, which is not done to programs that Heatline started itself`,
  'traced': `${cannot}: another program, for instance a debugger, has it stopped or traces it`,
  'no-right': `${cannot}: the system does not allow it`,
  'late': 'did not stop in time',
  'too-many': `more than ${maxStops} threads are not stopped at once`,
};

const ranMeanwhile = 'it ran meanwhile';

/** Copies threads' native stacks: waiting ones as they are, those that run after they were stopped. */
export class NativeCapture {
  /** Why threads can't be stopped, for people; null: it can be tried. */
  readonly stopObstacle: string | null;
  private readonly contexts: ThreadContexts;
  private readonly architecture: Architecture;
  private readonly memory: Memory;
  private readonly regions: readonly Region[];
  private readonly running = new Map<number, StackCopy | string>();

  constructor(contexts: ThreadContexts, architecture: Architecture, memory: Memory, regions: readonly Region[], neverStop: boolean) {
    this.contexts = contexts;
    this.architecture = architecture;
    this.memory = memory;
    this.regions = regions;
    this.stopObstacle = neverStop ? `${cannot}, which it is not to be` : contexts.stopObstacle && obstacles[contexts.stopObstacle];
  }

  /** Stops threads and copies their stacks. They stand still until `release`. @returns those that do */
  stop(threadIds: readonly number[]): ReadonlySet<number> {
    const stopped = new Map<number, ThreadContext>();
    this.running.clear();
    for (const id of threadIds) {
      const context = new ThreadContext();
      const obstacle = stopped.size < maxStops ? this.contexts.stop(id, context) : 'too-many';
      if (obstacle === null) stopped.set(id, context);
      else this.running.set(id, `it runs, and ${obstacles[obstacle]}`);
    }
    for (const [id, context] of stopped) this.running.set(id, this.copy(context));
    return new Set(stopped.keys());
  }

  release(): void {
    this.contexts.release(true);
  }

  /**
   * All stacks: of threads that were stopped for the look as they were then, of those that waited as they are now, if they have not
   * run since.
   */
  take(threads: readonly { readonly osThreadId: number }[], standsStill: (osThreadId: number) => boolean): CapturedStacks {
    const taken = new Map(this.running);
    this.running.clear();
    const context = new ThreadContext();
    let total = 0;
    for (const { osThreadId } of threads) {
      if (taken.has(osThreadId)) continue;
      if (total > maxTotal) {
        taken.set(osThreadId, 'the stacks of all threads together are too large');
        continue;
      }
      const copy = this.contexts.waiting(osThreadId, context) ? this.copy(context) : null;
      const isStill = standsStill(osThreadId);
      if (copy === null || !isStill) taken.set(osThreadId, this.stopObstacle === null ? ranMeanwhile : `it runs, and ${this.stopObstacle}`);
      else {
        if (typeof copy !== 'string') total += copy.length;
        taken.set(osThreadId, copy);
      }
    }
    return taken;
  }

  /** How many are missing that another try may get. */
  static missing(stacks: CapturedStacks): number {
    return [...stacks.values()].filter((stack) => stack === ranMeanwhile).length;
  }

  private copy(context: ThreadContext): StackCopy | string {
    const copy = new StackCopy();
    return copy.fill(context, this.architecture, this.memory, this.regions) ? copy : 'its native stack could not be read';
  }
}
