import { PairTable } from '../../../profile/pairTable.ts';
import { CodeTrait } from '../../cpython/codeObject.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import { type CodeCache, unnamed } from '../code/codeCache.ts';
import { grown } from '../tables/grown.ts';
import { LookTally } from './lookTally.ts';

/** How a frame came to be entered from the one below it. */
export const Entry = {
  /** By the caller's own instruction. */
  Direct: 0,
  /** C code called it, which the caller had called. */
  ThroughC: 1,
  /** It is a generator's, and was resumed by the caller's own instruction. */
  Resumed: 2,
} as const;

/** What `check` returns for a callee that has nothing to do with its caller. */
export const broken = -1;

/** Pairs known at once; a program that has more is believed without checks. */
const maxPairs = 1 << 20;
/** A position that calls another function by its name may call this one, which is nobody's name, if it does so at least this often … */
const leastShare = 50;
/** … or if at least this part of all its calls come from there. */
const leastPart = 8;
/** Of two positions one of which has the callee's name, the other is doubtful when it was seen so many times less often. */
const dominance = 8;
/** Where more positions than this would do, the first ones do. */
const maxCandidates = 64;

/** Units of a code object by the numbers of names: that are called there, iterated over, called for an argument. */
interface NameIndex {
  readonly calling: Map<number, number[]>;
  readonly iterating: Map<number, number[]>;
  readonly taking: Map<number, number[]>;
}
const noUnits = new Int32Array(0);

/** What has to be known of code objects to judge who calls whom. */
export type NamedCodes = Pick<
  CodeCache,
  'calledName' | 'className' | 'kindOfUnit' | 'ownName' | 'takenNames' | 'traits' | 'unitBase' | 'unitCount'
>;

/**
 * Judges by names whether a caller was at the position of its copy when its callee was entered (3.11+). Frames of a data stack are
 * copied in one go, but each of its cache lines at a moment of its own, since the target has to give it away first: between two of them a
 * program that does nothing but call makes a call or two. Where what then lies above a caller is not what its position
 * calls, another position takes its place that does, or the sample ends there.
 *
 * Only what is certain is doubted: positions known to call a function of the name that the bytecode has there, and callees that
 * are called by their name elsewhere. Decorators, aliases, attributes that hold functions have names that say nothing, and are
 * believed.
 */
export class NamedEdges {
  /** Of the last check: 1 plus the number of the site that was not believed, or 0. */
  doubt = 0;
  /** Of the last check: the position calls the callee by its name. */
  isByName = false;

  private readonly codes: NamedCodes;
  private readonly resumesInline: boolean;
  /** Position (unit of all codes) and callee. */
  private readonly sites = new PairTable(1024);
  private isMet = new Uint8Array(1024);
  /** 1: the position has the callee's name. */
  private isNamed = new Uint8Array(1024);
  private seen = new Uint32Array(1024);
  private readonly tally = new LookTally();

  /** Per position: the callee that was believed last, and its site. */
  private lastCallee = new Int32Array(1024);
  private lastSite = new Int32Array(1024);
  /** Per position: how often anything was called from it, and 1 once that was what it names. */
  private seenAt = new Uint32Array(1024);
  private callsItsName = new Uint8Array(1024);
  /** Per code: how often it was called, and by its name. */
  private calls = new Uint32Array(256);
  private callsByName = new Uint32Array(256);

  /** Caller and callee, and the caller's units that have the callee's name: called there, or iterated over. */
  private readonly pairs = new PairTable(256);
  private readonly calling: Int32Array[] = [];
  private readonly iterating: Int32Array[] = [];
  private readonly indices = new Map<number, NameIndex>();

  /** @param resumesInline generators are resumed by the caller's own instruction (3.12+), not through C */
  constructor(codes: NamedCodes, resumesInline: boolean) {
    this.codes = codes;
    this.resumesInline = resumesInline;
  }

  /**
   * @param caller, callee numbers of their codes
   * @param unit of the caller
   * @param entry an Entry
   * @returns the unit at which the caller called the callee, or `broken`
   */
  check(caller: number, unit: number, callee: number, entry: number): number {
    const { codes } = this;
    const position = codes.unitBase[caller]! + unit;
    this.doubt = 0;
    if (this.lastCallee[position] === callee) {
      const site = this.lastSite[position]!;
      this.count(position, callee, site);
      this.isByName = this.isNamed[site] === 1;
      return unit;
    }
    this.isByName = false;
    if (this.sites.length >= maxPairs || this.pairs.length >= maxPairs) return unit;
    const site = this.meet(caller, position, callee);
    this.count(position, callee, site);
    if (this.isNamed[site] === 1) {
      this.isByName = true;
      this.callsItsName[position] = 1;
      return this.believe(position, callee, site, unit);
    }
    if (this.tally.isProven(site)) return this.believe(position, callee, site, unit);
    const named = this.nearest(caller, unit, callee, entry);
    if (this.callsItsName[position] === 1) {
      if (named >= 0) return this.doubted(site, named);
      const seen = this.seen[site]!;
      const isRare = seen * leastShare <= this.seenAt[position]! && seen * leastPart <= this.calls[callee]!;
      return isRare || this.isCalledByName(callee) ? this.doubted(site, broken) : unit;
    }
    if (entry === Entry.Resumed && this.resumesInline && (codes.kindOfUnit[position]! & InstructionKind.Iterates) === 0)
      return this.doubted(site, named);
    const calls = Math.abs(codes.calledName[position]!);
    if (named < 0) {
      if (calls !== 0 || (codes.traits[callee]! & CodeTrait.Special) !== 0) return this.believe(position, callee, site, unit);
      // Operators call special methods, and what was given to iterators of C.
      return this.callsByName[callee]! * 2 > this.calls[callee]! ? this.doubted(site, broken) : unit;
    }
    // Counts may change what is believed, so that it is not remembered.
    const seenNamed = this.seenOf(codes.unitBase[caller]! + named, callee);
    const mayCallIt = entry === Entry.ThroughC && !this.takes(codes.unitBase[caller]! + named, callee) ? calls !== 0 : calls === unnamed;
    return (mayCallIt ? this.seen[site]! * dominance < seenNamed : seenNamed > 0) ? this.doubted(site, named) : unit;
  }

  /** Whether a second look at a doubtful position would tell more. */
  wantsLook(doubt: number): boolean {
    return this.tally.wantsLook(doubt - 1);
  }

  /** Takes the result of a second look. @returns whether the position is believed, this time */
  look(doubt: number, stayed: boolean): boolean {
    return this.tally.look(doubt - 1, stayed);
  }

  /** Takes from a thread that did not run while it was copied where a caller calls a callee: that counts as a second look that stayed. */
  learn(caller: number, unit: number, callee: number): void {
    if (this.sites.length >= maxPairs) return;
    const position = this.codes.unitBase[caller]! + unit;
    const site = this.meet(caller, position, callee);
    this.count(position, callee, site);
    if (this.isNamed[site] === 1) this.callsItsName[position] = 1;
    else this.tally.look(site, true);
  }

  private count(position: number, callee: number, site: number): void {
    this.seen[site]!++;
    this.seenAt[position]!++;
    this.calls[callee]!++;
    if (this.isNamed[site] === 1) this.callsByName[callee]!++;
  }

  private believe(position: number, callee: number, site: number, unit: number): number {
    this.lastCallee[position] = callee;
    this.lastSite[position] = site;
    return unit;
  }

  private doubted(site: number, instead: number): number {
    this.doubt = site + 1;
    this.tally.doubted(site, this.seen[site]!);
    return instead;
  }

  private meet(caller: number, position: number, callee: number): number {
    const { codes } = this;
    const end = codes.unitBase[caller]! + codes.unitCount[caller]!;
    if (end > this.lastCallee.length) this.growPositions(end);
    if (callee >= this.calls.length) this.growCodes(callee + 1);
    const site = this.siteOf(position, callee);
    if (this.isMet[site] === 0) {
      this.isMet[site] = 1;
      this.isNamed[site] = this.hasNameOf(position, callee) || this.takes(position, callee) ? 1 : 0;
    }
    return site;
  }

  /** Whether a position has the name of a function, or that of the class whose method it is: `Point()` calls `Point.__init__`. */
  private hasNameOf(position: number, callee: number): boolean {
    const name = Math.abs(this.codes.calledName[position]!);
    return name !== 0 && (name === this.codes.ownName[callee] || name === this.codes.className[callee]);
  }

  /** Whether a position calls something with a generator that is the callee's: `list(generate())`. */
  private takes(position: number, callee: number): boolean {
    const { codes } = this;
    return (codes.traits[callee]! & CodeTrait.Generator) !== 0 && codes.takenNames.get(position)?.includes(codes.ownName[callee]!) === true;
  }

  /** Whether a function is called by its name. Edges that stay from sample to sample are not counted, which are mostly right ones. */
  isCalledByName(callee: number): boolean {
    return this.callsByName[callee]! * leastPart > this.calls[callee]!;
  }

  /**
   * Of the caller's units that have the callee's name the one nearest to `unit`, among those where it was seen if there are any.
   * @returns −1 when there is none
   */
  private nearest(caller: number, unit: number, callee: number, entry: number): number {
    const { codes, pairs } = this;
    const pair = pairs.id(caller, callee);
    if (pair === this.calling.length) this.search(caller, callee);
    const units = entry === Entry.Resumed ? this.iterating[pair]! : this.calling[pair]!;
    const base = codes.unitBase[caller]!;
    let nearest = -1;
    let wasSeen = false;
    for (let i = 0; i < units.length; i++) {
      const candidate = units[i]!;
      // What C called may have been passed to it.
      if (
        entry === Entry.ThroughC &&
        Math.abs(codes.calledName[base + candidate]!) !== codes.className[callee] &&
        !this.takes(base + candidate, callee)
      )
        continue;
      const isSeen = this.seenOf(base + candidate, callee) > 0;
      if (wasSeen && !isSeen) continue;
      if (nearest < 0 || (isSeen && !wasSeen) || Math.abs(candidate - unit) < Math.abs(nearest - unit)) nearest = candidate;
      wasSeen ||= isSeen;
    }
    return nearest;
  }

  private seenOf(position: number, callee: number): number {
    return this.seen[this.siteOf(position, callee)]!;
  }

  private siteOf(position: number, callee: number): number {
    const site = this.sites.id(position, callee);
    if (site >= this.seen.length) this.growSites();
    return site;
  }

  private search(caller: number, callee: number): void {
    const { codes } = this;
    const index = this.indexOf(caller);
    const names = [codes.ownName[callee]!, codes.className[callee]!];
    const isGenerator = (codes.traits[callee]! & CodeTrait.Generator) !== 0;
    this.calling.push(firstUnits([...names.map((name) => index.calling.get(name)), isGenerator ? index.taking.get(names[0]!) : undefined]));
    this.iterating.push(firstUnits(names.map((name) => index.iterating.get(name))));
  }

  private indexOf(caller: number): NameIndex {
    const { codes } = this;
    let index = this.indices.get(caller);
    if (index !== undefined) return index;
    this.indices.set(caller, (index = { calling: new Map(), iterating: new Map(), taking: new Map() }));
    const base = codes.unitBase[caller]!;
    for (let unit = 0; unit < codes.unitCount[caller]!; unit++) {
      const name = codes.calledName[base + unit]!;
      if (Math.abs(name) > unnamed) addUnit(name > 0 ? index.calling : index.iterating, Math.abs(name), unit);
      for (const taken of codes.takenNames.get(base + unit) ?? []) addUnit(index.taking, taken, unit);
    }
    return index;
  }

  private growSites(): void {
    const length = this.seen.length * 2;
    this.isMet = grown(this.isMet, new Uint8Array(length));
    this.isNamed = grown(this.isNamed, new Uint8Array(length));
    this.seen = grown(this.seen, new Uint32Array(length));
    this.tally.grow(length);
  }

  private growPositions(needed: number): void {
    const length = 2 ** Math.ceil(Math.log2(needed));
    this.lastCallee = grown(this.lastCallee, new Int32Array(length));
    this.lastSite = grown(this.lastSite, new Int32Array(length));
    this.seenAt = grown(this.seenAt, new Uint32Array(length));
    this.callsItsName = grown(this.callsItsName, new Uint8Array(length));
  }

  private growCodes(needed: number): void {
    const length = 2 ** Math.ceil(Math.log2(needed));
    this.calls = grown(this.calls, new Uint32Array(length));
    this.callsByName = grown(this.callsByName, new Uint32Array(length));
  }
}

function addUnit(units: Map<number, number[]>, name: number, unit: number): void {
  const known = units.get(name);
  if (known === undefined) units.set(name, [unit]);
  else if (known.length < maxCandidates) known.push(unit);
}

/** The first units of several lists, each once. */
function firstUnits(lists: readonly (readonly number[] | undefined)[]): Int32Array {
  const units = new Set(lists.flatMap((list) => list ?? []));
  return units.size === 0 ? noUnits : Int32Array.from([...units].sort((a, b) => a - b).slice(0, maxCandidates));
}
