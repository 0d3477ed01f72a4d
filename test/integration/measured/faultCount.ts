import { SequentialTest, type Verdict } from '../../../bench/shareDistance.ts';
import { worstAsItRuns } from '../../../native/sampler/session.ts';
import type { Profile } from '../../../profile/profile.ts';
import type { Judgement } from '../edgeTable.ts';

/** The greatest shares of all samples that may be so, 0 to 1. */
export interface AllowedFaults {
  /** Stacks that the program can't have. */
  readonly wrong: number;
  /** Samples that were not read to their end. */
  readonly partial: number;
  readonly lost: number;
}

/**
 * Further off than this from what is allowed, and it must be found out: from other cores, as programs run, it is 9 to 41 % where
 * it is at all.
 */
const found = 0.08;

/**
 * Judges a growing profile until it is certain whether no more is wrong than may be: of a million right ones one is said to be
 * wrong. What was read as the program ran (before the first look from its core, or after another program took it) is what the
 * profile says of itself, and is allowed besides.
 */
export class FaultCount {
  verdict: Verdict = 'undecided';
  readonly #judge: (profile: Profile) => Judgement;
  readonly #allowed: AllowedFaults;
  readonly #tests: Readonly<Record<keyof AllowedFaults, SequentialTest>>;
  #asked = 0;
  #seen = '';

  constructor(judge: (profile: Profile) => Judgement, allowed: AllowedFaults) {
    this.#judge = judge;
    this.#allowed = allowed;
    // Three tests share what one may err.
    const test = (share: number): SequentialTest => new SequentialTest({ allowed: share, found: share + found, falseAlarm: 3e-7 });
    this.#tests = { wrong: test(allowed.wrong), partial: test(allowed.partial), lost: test(allowed.lost) };
  }

  /** Takes in what is new. @returns whether there is a verdict */
  update(profile: Profile): boolean {
    const { samples, partial, lost, shareError } = profile.quality;
    // Every question costs some certainty.
    if (samples < 500 || samples < this.#asked * 1.25) return false;
    this.#asked = samples;
    const asItRan = (shareError ?? worstAsItRuns) / worstAsItRuns;
    const judgement = this.#judge(profile);
    const wrong =
      judgement.share('impossible') + judgement.share('foreignLine') + judgement.share('unknown') + judgement.share('wrongLine');
    const shares = { wrong, partial: partial / samples, lost: lost / (samples + lost) };
    const examples = [...judgement.examples].map(([what, count]) => `${count} ${what}`).join('\n');
    this.#seen = `of ${samples} samples ${partial} partial, ${lost} lost, a share of ${wrong} wrong, ${asItRan} read as it ran (allowed besides: ${JSON.stringify(this.#allowed)})\n${examples}`;
    const verdicts = Object.entries(this.#tests).map(([name, test]) =>
      test.judge(Math.max(0, shares[name as keyof AllowedFaults] - asItRan), samples, 1),
    );
    this.verdict = verdicts.includes('wrong') ? 'wrong' : verdicts.every((verdict) => verdict === 'right') ? 'right' : 'undecided';
    return this.verdict !== 'undecided';
  }

  describe(): string {
    return this.#seen;
  }
}
