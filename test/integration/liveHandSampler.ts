import { type OpenTarget, openTarget } from '../../native/openTarget.ts';
import { openSystem } from '../../native/os/index.ts';
import { HandSampler } from '../../native/sampler/testing/handSampler.ts';

/** A sampler ticked by hand, on a live process. */
export class LiveHandSampler extends HandSampler implements Disposable {
  readonly target: OpenTarget;

  static async open(pid: number, tellsInstructions = false): Promise<LiveHandSampler> {
    const hand = new LiveHandSampler(openTarget(await openSystem(), pid), tellsInstructions);
    if (hand.sampler.enumerate()) return hand;
    hand[Symbol.dispose]();
    throw new Error('The list of threads can’t be read.');
  }

  private constructor(target: OpenTarget, tellsInstructions: boolean) {
    super(target, tellsInstructions);
    this.target = target;
  }

  [Symbol.dispose](): void {
    this.target.close();
  }
}
