import { type OpenTarget, openTarget } from '../../native/openTarget.ts';
import { openSystem } from '../../native/os/index.ts';
import { HandSampler } from '../../native/sampler/testing/handSampler.ts';

/** A sampler ticked by hand, on a live process. */
export class LiveHandSampler extends HandSampler implements Disposable {
  readonly target: OpenTarget;

  /** @param room as HandSampler has it */
  static async open(pid: number, tellsInstructions = false, room: readonly [number, number] | readonly [] = []): Promise<LiveHandSampler> {
    const hand = new LiveHandSampler(openTarget(await openSystem(), pid), tellsInstructions, room);
    if (hand.sampler.enumerate()) return hand;
    hand[Symbol.dispose]();
    throw new Error('The list of threads can’t be read.');
  }

  private constructor(target: OpenTarget, tellsInstructions: boolean, room: readonly [number, number] | readonly []) {
    super(target, tellsInstructions, null, room);
    this.target = target;
  }

  [Symbol.dispose](): void {
    this.target.close();
  }
}
