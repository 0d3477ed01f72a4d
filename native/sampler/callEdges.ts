import { PairTable } from '../../profile/pairTable.ts';
import { CallKind, callKindMask, operatorOf, operators, operatorShift } from '../cpython/callOpcodes.ts';
import { CodeTrait, madeFunction, type NamedCall } from '../cpython/codeObject.ts';
import type { CodeCache } from './codeCache.ts';

/** How well a position in a caller goes with a callee. */
const Fit = {
  /** The position calls some other function, or nothing but what destructors, signals and tracing call anywhere. */
  None: 0,
  /** An operator, attribute or import, of which a function with such a name is not expected. */
  Odd: 1,
  /** A call by another name, or none. */
  Possible: 2,
  /** Iteration over something of which it is not known what it comes of. */
  Likely: 3,
  /** The callee's name is called or passed, or it is of a kind that is called so. */
  Good: 4,
} as const;

/** Pairs known at once; a program that has more is believed without checks. */
const maxPairs = 1 << 20;
/**
 * Second looks at a doubtful position. One of a long call stays; one of a copy that was torn stays by chance, in a quarter of
 * the looks at most. So many settle it for good or for bad, and after so many sightings it is asked again.
 */
const looks = { toBelieve: 8, enough: 48, again: 1 << 14 };

/** A position that calls another function, as far as its name tells, may call this one if it does so at least this often. */
const leastShare = 50;
/** Sightings before that can be told. */
const leastSeen = 4;
/** And if at least this part of all calls of this one come of it. */
const leastPart = 8;
/** Of two positions that call a function as far as anyone can tell, one seen so many times less often is doubtful. */
const dominance = 8;

/** Functions that are called where they are made. */
const madeNames: ReadonlySet<string> = new Set(['<listcomp>', '<setcomp>', '<dictcomp>']);
const lambdaName = '<lambda>';
/** What using an attribute calls. */
const attributeMethods: ReadonlySet<string> = new Set(['__getattr__', '__getattribute__', '__setattr__', '__delattr__', '__get__', '__set__', '__delete__']);
/** Special methods that nothing but a call calls. */
const calledMethods: ReadonlySet<string> = new Set(['__init__', '__new__', '__call__', '__init_subclass__', '__set_name__', '__prepare__']);
/** Operators that may hash or compare, besides what they are for. */
const hashing: ReadonlySet<string> = new Set(['getitem', 'setitem', 'delitem', 'contains', 'eq', 'ne', 'lt', 'le', 'gt', 'ge']);
/** Most lines between the beginning of a function without a name and the position of the call it is written in. */
const near = 8;

/** What has to be known of code objects to judge who calls whom. */
export type CallingCodes = Pick<CodeCache, 'callsOf' | 'kindOfUnit' | 'lineAt' | 'nameOf' | 'traits' | 'unitBase' | 'unitCount'>;

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

  private readonly codes: CallingCodes;
  /** Position (unit of all codes) and callee. */
  private readonly sites = new PairTable(1024);
  private isMet = new Uint8Array(1024);
  private fits = new Uint8Array(1024);
  /** 1: stayed in most second looks. */
  private proven = new Uint8Array(1024);
  private seen = new Uint32Array(1024);
  private looks = new Uint16Array(1024);
  private stays = new Uint16Array(1024);

  /** Caller and callee. */
  private readonly pairs = new PairTable(1024);
  /** Per pair: where the caller calls the callee, as far as is known, and how well that fits. */
  private bestUnits = new Int32Array(1024);
  private bestFits = new Uint8Array(1024);

  /** Per unit of all codes: the code that is called there, by its name; 0 for none. */
  private calledAt = new Int32Array(1024);
  /** Per unit of all codes: how often it was seen calling anything. */
  private seenAt = new Uint32Array(1024);
  /** Per code: how often it was seen being called, and how often from a position that calls nothing. */
  private calls = new Uint32Array(256);
  private callsFromNowhere = new Uint32Array(256);

  /** What `meet` found. */
  private site = 0;
  private pair = 0;

  constructor(codes: CallingCodes) {
    this.codes = codes;
  }

  /**
   * Of a thread that ran while it was copied.
   * @returns the unit at which the caller called the callee
   */
  check(caller: number, unit: number, callee: number): number {
    const { codes, sites } = this;
    this.doubt = 0;
    this.isBroken = false;
    if (!this.meet(caller, unit, callee)) return unit;
    const { site, pair } = this;
    const position = codes.unitBase[caller]! + unit;
    const fit = this.callsOther(position, callee) ? Fit.None : this.fits[site]!;
    const kind = codes.kindOfUnit[position]! & callKindMask;
    this.seen[site]!++;
    this.seenAt[position]!++;
    this.calls[callee]!++;
    if (kind === CallKind.None) this.callsFromNowhere[callee]!++;
    if (fit === Fit.Good || this.proven[site] === 1) {
      if (fit >= this.bestFits[pair]!) this.setBest(pair, unit, fit);
      return unit;
    }
    const bestUnit = this.bestUnits[pair]!;
    // Since then it may have been seen calling another one.
    if (this.bestFits[pair] !== Fit.Good && this.callsOther(codes.unitBase[caller]! + bestUnit, callee)) this.bestFits[pair] = Fit.None;
    const bestFit = this.bestFits[pair]!;
    if (bestFit === Fit.Good) return this.instead(site, bestUnit);
    const seen = this.seen[site]!;
    const bestSeen = bestFit === Fit.None || bestUnit === unit ? 0 : this.seen[sites.id(codes.unitBase[caller]! + bestUnit, callee)]!;
    // What is remembered is not checked: a position at which the caller stays is seen less often than it was there.
    if (bestFit > fit && (fit === Fit.None || bestSeen >= seen)) return this.instead(site, bestUnit);
    if (fit >= Fit.Possible) {
      if (seen * dominance < bestSeen && seen * 2 < this.seenAt[position]!) return this.instead(site, bestUnit);
      if (fit > bestFit || seen > bestSeen) this.setBest(pair, unit, fit);
      return unit;
    }
    if (this.mayCall(position, site, callee, fit)) {
      if (fit > bestFit || (fit === bestFit && seen > bestSeen)) this.setBest(pair, unit, fit);
      return unit;
    }
    this.isBroken = bestFit === Fit.None;
    return this.instead(site, this.isBroken ? unit : bestUnit);
  }

  /** Whether a position calls a function of another name. */
  private callsOther(position: number, callee: number): boolean {
    const { codes } = this;
    const other = this.calledAt[position]!;
    return other !== 0 && other !== callee && (codes.kindOfUnit[position]! & callKindMask) === CallKind.Call && codes.nameOf(other) !== codes.nameOf(callee);
  }

  /** The position is doubtful: another one takes its place. */
  private instead(site: number, unit: number): number {
    this.doubt = site + 1;
    if (this.seen[site]! % looks.again === 0) {
      this.looks[site] = 0;
      this.stays[site] = 0;
    }
    return unit;
  }

  /** Takes from a thread that did not run while it was copied where a caller calls a callee. */
  learn(caller: number, unit: number, callee: number): void {
    if (!this.meet(caller, unit, callee)) return;
    this.look(this.site + 1, true);
    if (this.bestFits[this.pair] === Fit.None) this.setBest(this.pair, unit, this.fits[this.site]!);
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
    if (position >= this.calledAt.length) this.growPositions(position);
    if (callee >= this.calls.length) this.growCodes(callee);
    if (this.isMet[site] === 0) {
      this.isMet[site] = 1;
      this.fits[site] = this.fitOf(caller, unit, callee);
    }
    if (this.bestFits[pair] === 0) this.findNamed(caller, callee, pair);
    return true;
  }

  /** Whether a second look at a doubtful position would tell more. */
  wantsLook(doubt: number): boolean {
    return this.looks[doubt - 1]! < looks.enough;
  }

  /**
   * Takes the result of a second look.
   * @param stayed the caller was at the position still, and called the same frame
   * @returns whether the position is believed, this time
   */
  look(doubt: number, stayed: boolean): boolean {
    const site = doubt - 1;
    if (this.looks[site] === 0xffff) return stayed;
    const count = ++this.looks[site]!;
    if (stayed) this.stays[site]!++;
    const stays = this.stays[site]!;
    if (count >= looks.toBelieve && stays * 4 >= count * 3) this.proven[site] = 1;
    return stayed && stays * 2 >= count;
  }

  private setBest(pair: number, unit: number, fit: number): void {
    this.bestUnits[pair] = unit;
    this.bestFits[pair] = fit;
  }

  /** Whether a callee may come of a position that does not look like it, by how often it was seen there and elsewhere. */
  private mayCall(position: number, site: number, callee: number, fit: number): boolean {
    const kind = this.codes.kindOfUnit[position]! & callKindMask;
    // Destructors, signal handlers and tracing functions are called from anywhere.
    if (kind === CallKind.None) return this.callsFromNowhere[callee]! * 2 > this.calls[callee]!;
    const seen = this.seen[site]!;
    if (seen * leastPart <= this.calls[callee]!) return false;
    return fit === Fit.Odd || (seen >= leastSeen && seen * leastShare > this.seenAt[position]!);
  }

  private fitOf(caller: number, unit: number, callee: number): number {
    const { codes } = this;
    const byte = codes.kindOfUnit[codes.unitBase[caller]! + unit]!;
    const kind = byte & callKindMask;
    if (kind === CallKind.None) return Fit.None;
    const name = codes.nameOf(callee);
    const isSpecial = name.startsWith('__') && name.endsWith('__');
    const operator = operatorOf(name);
    if (operator >= 0) {
      if (byte >> operatorShift === operator + 1) return Fit.Good;
      // Built-in functions call all of them.
      return kind === CallKind.Call ? Fit.Possible : Fit.Odd;
    }
    const call = codes.callsOf(caller).find((one) => one.unit === unit);
    if ((codes.traits[callee]! & CodeTrait.Generator) !== 0) {
      if (kind === CallKind.Iterate ? call?.name === name : call?.results.includes(name) === true) return Fit.Good;
      if (kind === CallKind.Iterate && call?.name === undefined) return Fit.Likely;
      return kind === CallKind.Attribute || kind === CallKind.Operator ? Fit.Odd : Fit.Possible;
    }
    if (madeNames.has(name)) {
      if (call?.name !== madeFunction || !this.isNearest(caller, unit, callee)) return Fit.Odd;
      this.markCalled(codes.unitBase[caller]! + unit, callee);
      return Fit.Good;
    }
    if (kind === CallKind.Attribute) {
      if (attributeMethods.has(name)) return Fit.Good;
      // A property; but not where the same name is called next.
      return call?.name === name && !this.callsByName(caller, name) ? Fit.Good : Fit.Odd;
    }
    if (kind === CallKind.Operator && isSpecial && !calledMethods.has(name)) {
      const own = operators[(byte >> operatorShift) - 1];
      return own === undefined || hashing.has(own) ? Fit.Possible : Fit.Odd;
    }
    if (kind !== CallKind.Call) return Fit.Odd;
    if (call?.name === name) {
      this.markCalled(codes.unitBase[caller]! + unit, callee);
      return Fit.Good;
    }
    if (name === lambdaName) {
      return call?.passed.includes(madeFunction) === true && this.isNearest(caller, unit, callee) ? Fit.Good : Fit.Possible;
    }
    return call?.passed.includes(name) === true ? Fit.Good : Fit.Possible;
  }

  /** Whether no other call that makes functions is nearer to the callee's beginning. */
  private isNearest(caller: number, unit: number, callee: number): boolean {
    const distance = this.distance(caller, unit, callee);
    const isNearer = ({ name, passed, unit: other }: NamedCall): boolean =>
      (name === madeFunction || passed.includes(madeFunction)) && this.distance(caller, other, callee) < distance;
    return distance <= near && !this.codes.callsOf(caller).some(isNearer);
  }

  /** Lines between a position in a caller and the beginning of a callee. */
  private distance(caller: number, unit: number, callee: number): number {
    const { codes } = this;
    // The last unit stands for a frame that has not begun.
    const first = codes.lineAt(codes.unitBase[callee]! + codes.unitCount[callee]! - 1);
    return Math.abs(codes.lineAt(codes.unitBase[caller]! + unit) - first);
  }

  private callsByName(caller: number, name: string): boolean {
    const base = this.codes.unitBase[caller]!;
    return this.codes.callsOf(caller).some((call) => call.name === name && (this.codes.kindOfUnit[base + call.unit]! & callKindMask) === CallKind.Call);
  }

  /** Where a caller calls a callee by its name, or resumes a generator by its function's, if anywhere. */
  private findNamed(caller: number, callee: number, pair: number): void {
    const { codes } = this;
    const name = codes.nameOf(callee);
    const isGenerator = (codes.traits[callee]! & CodeTrait.Generator) !== 0;
    const base = codes.unitBase[caller]!;
    const operator = operatorOf(name);
    if (operator >= 0) {
      const unit = codes.kindOfUnit.subarray(base, base + codes.unitCount[caller]!).findIndex((byte) => byte >> operatorShift === operator + 1);
      if (unit >= 0) this.setBest(pair, unit, Fit.Good);
      return;
    }
    const isMade = madeNames.has(name);
    let best = -1;
    for (const call of codes.callsOf(caller)) {
      const kind = codes.kindOfUnit[base + call.unit]! & callKindMask;
      if (isGenerator) {
        if (kind === CallKind.Iterate ? call.name !== name : !call.results.includes(name)) continue;
      } else if (kind !== CallKind.Call || call.name !== (isMade ? madeFunction : name)) continue;
      if (best < 0 || (isMade && this.distance(caller, call.unit, callee) < this.distance(caller, best, callee))) best = call.unit;
    }
    if (best >= 0) this.setBest(pair, best, Fit.Good);
  }

  private markCalled(position: number, callee: number): void {
    this.calledAt[position] = callee;
  }

  private growSites(): void {
    const length = this.fits.length * 2;
    this.isMet = grown(this.isMet, new Uint8Array(length));
    this.fits = grown(this.fits, new Uint8Array(length));
    this.proven = grown(this.proven, new Uint8Array(length));
    this.seen = grown(this.seen, new Uint32Array(length));
    this.looks = grown(this.looks, new Uint16Array(length));
    this.stays = grown(this.stays, new Uint16Array(length));
  }

  private growPairs(): void {
    const length = this.bestUnits.length * 2;
    this.bestUnits = grown(this.bestUnits, new Int32Array(length));
    this.bestFits = grown(this.bestFits, new Uint8Array(length));
  }

  private growPositions(position: number): void {
    const length = 2 ** Math.ceil(Math.log2(position + 1));
    this.calledAt = grown(this.calledAt, new Int32Array(length));
    this.seenAt = grown(this.seenAt, new Uint32Array(length));
  }

  private growCodes(code: number): void {
    const length = 2 ** Math.ceil(Math.log2(code + 1));
    this.calls = grown(this.calls, new Uint32Array(length));
    this.callsFromNowhere = grown(this.callsFromNowhere, new Uint32Array(length));
  }
}

function grown<T extends Uint8Array | Uint16Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
