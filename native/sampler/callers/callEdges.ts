import { PairTable } from '../../../profile/pairTable.ts';
import { CallKind, callKindMask } from '../../cpython/callOpcodes.ts';
import { CallFits, type CallingCodes, Fit } from './callFits.ts';
import { grown } from '../tables/grown.ts';
import { LookTally } from './lookTally.ts';
import { ProbeTally } from './probeTally.ts';

/** Pairs known at once; a program that has more is believed without checks. */
const maxPairs = 1 << 20;
/** A position that calls another function, as far as its name tells, may call this one if it does so at least this often. */
const leastShare = 50;
/** Sightings before that can be told. */
const leastSeen = 4;
/** And if at least this part of all calls of this one come of it. */
const leastPart = 8;
/** Of two positions that call a function as far as anyone can tell, one seen so many times less often is doubtful. */
const dominance = 8;

/**
 * Judges whether a caller was really at a position when its callee was seen (to 3.10). A caller's frame is
 * copied up to a few microseconds before or after its callee's, and shows where it was then: in a program that calls all
 * the time at another call in a third of the samples. The callee's `f_back` is right, though. So
 * where the position does not go with the callee, another one takes its place that does.
 *
 * What goes together is known from names in the bytecode, and learned from threads without the GIL and from second looks.
 */
export class CallEdges {
  /** Of the last check: 1 plus the number of the position and callee that were not believed, or 0. */
  doubt = 0;
  /** Of the last check: caller and callee don't go together at all, so one of their frames was used again meanwhile. */
  isBroken = false;
  /** Of the last check: probes of caller and callee would tell where the call comes from. */
  wantsProbes = false;
  /** As the last `settle` found: the unit at which the caller called the callee. */
  settledUnit = 0;

  private readonly codes: CallingCodes;
  private readonly names: CallFits;
  /** Position (unit of all codes) and callee. */
  private readonly sites = new PairTable(1024);
  private isMet = new Uint8Array(1024);
  private fits = new Uint8Array(1024);
  private readonly tally = new LookTally();
  private readonly probes = new ProbeTally();

  /** Caller and callee. */
  private readonly pairs = new PairTable(1024);
  /** Per pair: where the caller was seen calling the callee, so that it was believed, and how well that fits. */
  private bestUnits = new Int32Array(1024);
  private bestFits = new Uint8Array(1024);
  /** Per pair: 1 when it was asked where names tell that the caller may call the callee; how well these units fit, and which they are. */
  private isSearched = new Uint8Array(1024);
  private candidateFits = new Uint8Array(1024);
  private readonly candidates = new Map<number, Int32Array>();

  /** Per unit of all codes: the code that is called there, by its name; 0 for none. */
  private calledAt = new Int32Array(1024);
  /** Per unit of all codes: how often it was seen calling anything. */
  private seenAt = new Uint32Array(1024);
  /** Per unit of all codes: 1 when a frame was seen there at all. */
  private isVisited = new Uint8Array(1024);
  /** Per code: how often it was seen being called, and how often from a position that calls nothing. */
  private calls = new Uint32Array(256);
  private callsFromNowhere = new Uint32Array(256);

  /** What `meet` found. */
  private site = 0;
  private pair = 0;

  constructor(codes: CallingCodes) {
    this.codes = codes;
    this.names = new CallFits(codes);
  }

  /** Takes note of the innermost frame of a thread that ran. */
  visit(code: number, unit: number): void {
    const position = this.codes.unitBase[code]! + unit;
    if (position >= this.calledAt.length) this.growPositions(position);
    this.isVisited[position] = 1;
  }

  /**
   * Of a thread that ran while it was copied.
   * @returns the unit at which the caller called the callee
   */
  check(caller: number, unit: number, callee: number): number {
    const { codes, sites } = this;
    this.doubt = 0;
    this.isBroken = false;
    this.wantsProbes = false;
    if (!this.meet(caller, unit, callee)) return unit;
    const { site, pair } = this;
    const position = codes.unitBase[caller]! + unit;
    const fit = this.callsOther(position, callee) ? Fit.None : this.fits[site]!;
    const kind = codes.kindOfUnit[position]! & callKindMask;
    this.probes.saw(site, pair);
    this.seenAt[position]!++;
    this.calls[callee]!++;
    if (kind === CallKind.None) this.callsFromNowhere[callee]!++;
    this.isVisited[position] = 1;
    if (this.isOpen(fit)) {
      this.wantsProbes = this.probes.wants(site);
      if (this.isWrong(fit)) return this.instead(site, unit, Fit.None);
    }
    if (fit >= Fit.Good || this.tally.isProven(site) || this.isRight(fit)) {
      if (fit >= this.bestFits[pair]!) this.setBest(pair, unit, fit);
      return unit;
    }
    // Since then it may have been seen calling another one.
    if (this.bestFits[pair]! < Fit.Good && this.callsOther(codes.unitBase[caller]! + this.bestUnits[pair]!, callee))
      this.bestFits[pair] = Fit.None;
    let bestUnit = this.bestUnits[pair]!;
    let bestFit = this.bestFits[pair]!;
    const likeliest = bestFit >= Fit.Good ? -1 : this.likeliest(pair, caller, unit, callee);
    if (likeliest >= 0) {
      bestUnit = likeliest;
      bestFit = this.candidateFits[pair]!;
    }
    if (bestFit >= Fit.Good) return this.instead(site, bestUnit, bestFit);
    const seen = this.probes.sightings(site);
    const bestSeen =
      bestFit === Fit.None || bestUnit === unit ? 0 : this.probes.sightings(sites.id(codes.unitBase[caller]! + bestUnit, callee));
    // What is remembered is not checked: a position at which the caller stays is seen less often than it was there.
    if (bestFit > fit && (fit === Fit.None || bestSeen >= seen || (fit === Fit.Odd && bestFit === Fit.Likely)))
      return this.instead(site, bestUnit, bestFit);
    if (fit >= Fit.Possible) {
      if (seen * dominance < bestSeen && seen * 2 < this.seenAt[position]!) return this.instead(site, bestUnit, bestFit);
      if (fit > bestFit || seen > bestSeen) this.setBest(pair, unit, fit);
      return unit;
    }
    if (this.mayCall(position, site, callee, fit)) {
      if (fit > bestFit || (fit === bestFit && seen > bestSeen)) this.setBest(pair, unit, fit);
      return unit;
    }
    this.isBroken = bestFit === Fit.None;
    return this.instead(site, this.isBroken ? unit : bestUnit, bestFit);
  }

  /**
   * Of the positions at which a caller may call a callee as far as names tell, the one nearest to where it was seen, which
   * was shortly before or after; among those where it ever was, if it ever was at one.
   * @returns a unit, −1: there is none
   */
  private likeliest(pair: number, caller: number, unit: number, callee: number): number {
    const units = this.candidates.get(pair);
    if (units === undefined) return -1;
    const base = this.codes.unitBase[caller]!;
    let likeliest = -1;
    let wasThere = false;
    for (let i = 0; i < units.length; i++) {
      const candidate = units[i]!;
      const isVisited = this.isVisited[base + candidate] === 1;
      if (this.callsOther(base + candidate, callee) || (wasThere && !isVisited)) continue;
      if ((isVisited && !wasThere) || likeliest < 0 || Math.abs(candidate - unit) < Math.abs(likeliest - unit)) likeliest = candidate;
      wasThere ||= isVisited;
    }
    return likeliest;
  }

  /** Whether a position calls a function of another name. */
  private callsOther(position: number, callee: number): boolean {
    const { codes } = this;
    const other = this.calledAt[position]!;
    return (
      other !== 0 &&
      other !== callee &&
      (codes.kindOfUnit[position]! & callKindMask) === CallKind.Call &&
      codes.nameOf(other) !== codes.nameOf(callee)
    );
  }

  /**
   * The position is doubtful: another one takes its place, which fits so well, or one where probes found the call if names don't
   * know better.
   * @returns that unit
   */
  private instead(site: number, unit: number, fit: number): number {
    this.doubt = site + 1;
    this.tally.doubted(site, this.probes.sightings(site));
    const right = fit === Fit.Named || fit > this.probes.bestFit(this.pair) ? -1 : this.probes.nearest(this.pair, unit);
    if (right < 0) return unit;
    this.isBroken = false;
    return right;
  }

  /** Whether names leave open if the pair that `meet` found calls from a position that fits so well. */
  private isOpen(fit: number): boolean {
    const known = Math.max(this.bestFits[this.pair]!, this.candidateFits[this.pair]!);
    return known < Fit.Good || (known === Fit.Good && fit === Fit.Good);
  }

  /** Whether probes say of what `meet` found that there is such a call. */
  private isRight(fit: number): boolean {
    return fit !== Fit.None && this.isOpen(fit) && this.probes.isRight(this.site) && fit >= this.probes.bestFit(this.pair);
  }

  /** Whether probes say of what `meet` found that there is no such call. */
  private isWrong(fit: number): boolean {
    const { site, pair, probes } = this;
    return probes.isWrong(site, pair) || (probes.isOneSided(site) && probes.bestFit(pair) > fit);
  }

  /** A probe follows a check of this position and callee. @returns whether another one should follow */
  asks(caller: number, unit: number, callee: number): boolean {
    if (!this.meet(caller, unit, callee)) return false;
    this.probes.asks(this.site);
    return this.probes.wants(this.site);
  }

  /** Takes that a probe found a caller calling its callee. */
  found(caller: number, unit: number, callee: number, callerFirst: boolean): void {
    if (this.meet(caller, unit, callee)) this.probes.take(this.site, this.pair, unit, this.fits[this.site]!, callerFirst);
  }

  /**
   * Judges a position that was checked once more, after probes.
   * @returns whether they tell; then `settledUnit`, `doubt` and `isBroken` say what
   */
  settle(caller: number, unit: number, callee: number): boolean {
    if (!this.meet(caller, unit, callee)) return false;
    const { site } = this;
    const fit = this.fits[site]!;
    const isWrong = this.isWrong(fit);
    if (!isWrong && !this.isRight(fit)) return false;
    this.doubt = 0;
    this.isBroken = false;
    this.settledUnit = isWrong ? this.instead(site, unit, Fit.None) : unit;
    return true;
  }

  /** Takes from a thread that did not run while it was copied where a caller calls a callee. */
  learn(caller: number, unit: number, callee: number): void {
    if (!this.meet(caller, unit, callee)) return;
    this.look(this.site + 1, true);
    this.probes.learn(this.site, this.pair, unit, this.fits[this.site]!);
    const fit = this.fits[this.site]!;
    if (fit >= this.bestFits[this.pair]!) this.setBest(this.pair, unit, fit);
  }

  /** Looks a position and its callee up, into `site` and `pair`. @returns false when there are too many */
  private meet(caller: number, unit: number, callee: number): boolean {
    const { codes, sites, pairs } = this;
    if (sites.length >= maxPairs || pairs.length >= maxPairs) return false;
    const position = codes.unitBase[caller]! + unit;
    const site = (this.site = sites.id(position, callee));
    const pair = (this.pair = pairs.id(caller, callee));
    if (site >= this.fits.length) this.growSites();
    if (pair >= this.bestUnits.length) this.growPairs();
    const end = codes.unitBase[caller]! + codes.unitCount[caller]!;
    if (end >= this.calledAt.length) this.growPositions(end);
    if (callee >= this.calls.length) this.growCodes(callee);
    if (this.names.meet(callee)) {
      this.isMet.fill(0);
      this.isSearched.fill(0);
    }
    if (this.isMet[site] === 0) {
      this.isMet[site] = 1;
      this.fits[site] = this.names.fitOf(caller, unit, callee);
      if (this.fits[site] === Fit.Named) this.calledAt[position] = callee;
    }
    if (this.isSearched[pair] === 0) {
      this.isSearched[pair] = 1;
      this.search(caller, callee, pair);
    }
    return true;
  }

  /** Whether a second look at a doubtful position would tell more. */
  wantsLook(doubt: number): boolean {
    return this.tally.wantsLook(doubt - 1);
  }

  /**
   * Takes the result of a second look.
   * @param stayed the caller was at the position still, and called the same frame
   * @returns whether the position is believed, this time
   */
  look(doubt: number, stayed: boolean): boolean {
    return this.tally.look(doubt - 1, stayed);
  }

  private setBest(pair: number, unit: number, fit: number): void {
    this.bestUnits[pair] = unit;
    this.bestFits[pair] = fit;
    if (fit >= Fit.Good) this.candidates.delete(pair);
  }

  private search(caller: number, callee: number, pair: number): void {
    const { fit, units } = this.names.candidates(caller, callee);
    this.candidateFits[pair] = fit;
    if (fit === Fit.None || this.bestFits[pair]! >= Fit.Good) this.candidates.delete(pair);
    else this.candidates.set(pair, units);
    if (fit !== Fit.Named) return;
    const base = this.codes.unitBase[caller]!;
    for (const unit of units) if (this.calledAt[base + unit] === 0) this.calledAt[base + unit] = callee;
  }

  /** Whether a callee may come of a position that does not look like it, by how often it was seen there and elsewhere. */
  private mayCall(position: number, site: number, callee: number, fit: number): boolean {
    const kind = this.codes.kindOfUnit[position]! & callKindMask;
    // Destructors, signal handlers and tracing functions are called from anywhere.
    if (kind === CallKind.None) return this.callsFromNowhere[callee]! * 2 > this.calls[callee]!;
    const seen = this.probes.sightings(site);
    if (seen * leastPart <= this.calls[callee]!) return false;
    return fit === Fit.Odd || (seen >= leastSeen && seen * leastShare > this.seenAt[position]!);
  }

  private growSites(): void {
    const length = this.fits.length * 2;
    this.isMet = grown(this.isMet, new Uint8Array(length));
    this.fits = grown(this.fits, new Uint8Array(length));
    this.tally.grow(length);
    this.probes.growSites(length);
  }

  private growPairs(): void {
    const length = this.bestUnits.length * 2;
    this.bestUnits = grown(this.bestUnits, new Int32Array(length));
    this.bestFits = grown(this.bestFits, new Uint8Array(length));
    this.candidateFits = grown(this.candidateFits, new Uint8Array(length));
    this.isSearched = grown(this.isSearched, new Uint8Array(length));
    this.probes.growPairs(length);
  }

  private growPositions(position: number): void {
    const length = 2 ** Math.ceil(Math.log2(position + 1));
    this.calledAt = grown(this.calledAt, new Int32Array(length));
    this.seenAt = grown(this.seenAt, new Uint32Array(length));
    this.isVisited = grown(this.isVisited, new Uint8Array(length));
  }

  private growCodes(code: number): void {
    const length = 2 ** Math.ceil(Math.log2(code + 1));
    this.calls = grown(this.calls, new Uint32Array(length));
    this.callsFromNowhere = grown(this.callsFromNowhere, new Uint32Array(length));
  }
}
