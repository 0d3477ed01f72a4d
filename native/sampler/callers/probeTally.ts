import { grown } from '../tables/grown.ts';

/** Sites at which a caller was found in both orders at least so often are right. */
const leastBoth = 2;
/** And if it was found there in one order not more than so many times as often as in the other. */
const lopsided = 8;
/** Times it is found at a site in one order, and never in the other, before that says something. */
const oneSided = 8;
/** Times a caller has to be found at right sites before another one, at which it is never found, is wrong. */
const leastElsewhere = 8;
/** One at which it is found now and then is wrong if it should have been found so many times, beyond so many times the times it was. */
const missing = { least: 6, perFound: 16 };
/** Probes that follow the sightings of one site, of 1.5 µs each, and sightings after which it gets as many again. */
const enough = { probes: 1024, again: 1 << 14 };

/** @see ProbeTally.take */
interface RightUnit {
  readonly unit: number;
  readonly fit: number;
}

/**
 * What probes say of the positions (sites) at which callers call their callees, one pair of caller and callee at a time. A probe
 * copies both frames alone, 0.15 µs apart, in turns the caller first and the callee first. Where the caller really calls from, it
 * is found either way. A position that comes before the call is found only when the caller is copied first, one that comes after
 * it only when it is copied last; and what lies a microsecond away is not found at all, though copies of all frames show it. Only
 * a loop that is as short as the time between both copies is found at all its positions in both orders: names come first there.
 */
export class ProbeTally {
  /**
   * Per site: sightings in copies of all frames; probes that followed; times any probe found the caller there, copied first and
   * copied last.
   */
  private seen = new Uint32Array(1024);
  private asked = new Uint16Array(1024);
  private first = new Uint16Array(1024);
  private last = new Uint16Array(1024);
  /** Per pair: sightings, and times a probe found the caller at a site that is right. */
  private seenPairs = new Uint32Array(1024);
  private found = new Uint32Array(1024);
  /** Per pair: units that are right, and how well the best of them fits as names tell. */
  private readonly units = new Map<number, RightUnit[]>();
  private bestFits = new Uint8Array(1024);

  /** Makes room for so many sites, which are more than before. */
  growSites(length: number): void {
    this.seen = grown(this.seen, new Uint32Array(length));
    this.asked = grown(this.asked, new Uint16Array(length));
    this.first = grown(this.first, new Uint16Array(length));
    this.last = grown(this.last, new Uint16Array(length));
  }

  /** Makes room for so many pairs, which are more than before. */
  growPairs(length: number): void {
    this.seenPairs = grown(this.seenPairs, new Uint32Array(length));
    this.found = grown(this.found, new Uint32Array(length));
    this.bestFits = grown(this.bestFits, new Uint8Array(length));
  }

  /** A copy of all frames showed a caller at a site. */
  saw(site: number, pair: number): void {
    this.seenPairs[pair]!++;
    if (++this.seen[site]! % enough.again === 0) this.asked[site] = 0;
  }

  /** How often copies of all frames showed a caller at a site; 0 of one for which no room was made. */
  sightings(site: number): number {
    return this.seen[site] ?? 0;
  }

  /** A probe follows a sighting of a site. */
  asks(site: number): void {
    this.asked[site]!++;
  }

  /**
   * A probe found a caller at a site, whichever one it followed the sighting of.
   * @param unit the site's
   * @param fit how well it goes with the callee as names tell; 0 where nothing is called, to which no call is moved
   * @param callerFirst the caller was copied before its callee
   */
  take(site: number, pair: number, unit: number, fit: number, callerFirst: boolean): void {
    const counts = callerFirst ? this.first : this.last;
    if (counts[site] === 0xffff) return;
    const wasRight = this.isRight(site);
    counts[site]!++;
    if (fit === 0) return;
    if (!this.isRight(site)) {
      if (wasRight) this.drop(pair, unit);
    } else if (wasRight) {
      this.found[pair]!++;
    } else {
      this.found[pair]! += this.first[site]! + this.last[site]!;
      this.setUnits(pair, [...(this.units.get(pair) ?? []), { unit, fit }]);
    }
  }

  /** Takes from a thread that did not run while it was copied where a caller calls a callee. Parameters are those of `take`. */
  learn(site: number, pair: number, unit: number, fit: number): void {
    if (this.first[site]! >= leastBoth && this.last[site]! >= leastBoth) return;
    this.take(site, pair, unit, fit, true);
    this.take(site, pair, unit, fit, false);
  }

  /** Whether a caller calls from a site, as probes say. */
  isRight(site: number): boolean {
    const first = this.first[site]!;
    const last = this.last[site]!;
    return first >= leastBoth && last >= leastBoth && first <= last * lopsided && last <= first * lopsided;
  }

  /**
   * Whether a caller is found at a site in one order only: there it is shortly before a call or after one, or in a short call
   * that takes time to begin.
   */
  isOneSided(site: number): boolean {
    const first = this.first[site]!;
    const last = this.last[site]!;
    return first + last >= oneSided && (first === 0 || last === 0);
  }

  /**
   * Whether a caller does not call from a site, as probes say. Those that follow a sighting within microseconds find a
   * call that takes longer than that at once; what they don't find, but find elsewhere, is a copy that was torn, or a short call that is
   * seldom made, until it is found.
   */
  isWrong(site: number, pair: number): boolean {
    const found = this.found[pair]!;
    if (found < leastElsewhere || this.isRight(site)) return false;
    const here = this.first[site]! + this.last[site]!;
    return here === 0 || found * this.seen[site]! >= (missing.least + missing.perFound * here) * this.seenPairs[pair]!;
  }

  /** How well those of the units fit that are right and fit best; 0 when there is none. */
  bestFit(pair: number): number {
    return this.bestFits[pair]!;
  }

  /** Of the units that are right and fit best, the one nearest to another; −1 when there is none. */
  nearest(pair: number, unit: number): number {
    const units = this.units.get(pair);
    let nearest = -1;
    if (units === undefined) return nearest;
    for (let i = 0; i < units.length; i++) {
      const one = units[i]!;
      if (one.fit === this.bestFits[pair] && (nearest < 0 || Math.abs(one.unit - unit) < Math.abs(nearest - unit))) nearest = one.unit;
    }
    return nearest;
  }

  /** Whether more probes would tell more of a site. */
  wants(site: number): boolean {
    return this.asked[site]! < enough.probes && !this.isRight(site);
  }

  private drop(pair: number, unit: number): void {
    this.setUnits(
      pair,
      (this.units.get(pair) ?? []).filter((one) => one.unit !== unit),
    );
    // What was found there does not count any more. The rest is counted anew, so that nothing is called wrong too early.
    this.found[pair] = 0;
  }

  private setUnits(pair: number, units: RightUnit[]): void {
    this.units.set(pair, units);
    this.bestFits[pair] = Math.max(0, ...units.map(({ fit }) => fit));
  }
}
