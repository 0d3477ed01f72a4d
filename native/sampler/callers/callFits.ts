import { CallKind, callKindMask, operatorOf, operators, operatorShift } from '../../cpython/callOpcodes.ts';
import { CodeTrait, madeFunction, type NamedCall } from '../../cpython/codeObject.ts';
import type { CodeCache } from '../code/codeCache.ts';

/** How well a position in a caller goes with a callee. */
export const Fit = {
  /** The position calls some other function, or nothing but what destructors, signals and tracing call anywhere. */
  None: 0,
  /** An operator, attribute or import, of which a function with such a name is not expected. */
  Odd: 1,
  /** A call by another name, or none. */
  Possible: 2,
  /** Iteration over something of which it is not known what it comes of; a call of what may be the callee's class or instance. */
  Likely: 3,
  /** The callee's name is passed, or it is of a kind that is called so. */
  Good: 4,
  /** The callee's name is called. */
  Named: 5,
} as const;

/** Functions that are called where they are made. */
const madeNames: ReadonlySet<string> = new Set(['<listcomp>', '<setcomp>', '<dictcomp>']);
const lambdaName = '<lambda>';
const generatorExpression = '<genexpr>';
/** What using an attribute calls. */
const attributeMethods: ReadonlySet<string> = new Set([
  '__getattr__',
  '__getattribute__',
  '__setattr__',
  '__delattr__',
  '__get__',
  '__set__',
  '__delete__',
]);
/** Special methods that nothing but a call calls. */
const calledMethods: ReadonlySet<string> = new Set(['__init__', '__new__', '__call__', '__init_subclass__', '__set_name__', '__prepare__']);
/** Operators that may hash or compare, besides what they are for. */
const hashing: ReadonlySet<string> = new Set(['getitem', 'setitem', 'delitem', 'contains', 'eq', 'ne', 'lt', 'le', 'gt', 'ge']);
/** Most lines between the beginning of a function without a name and the position of the call it is written in. */
const near = 8;
/** Where more positions than this would do, names tell nothing. */
const maxCandidates = 64;

/** What has to be known of code objects to judge who calls whom. */
export type CallingCodes = Pick<CodeCache, 'callsOf' | 'kindOfUnit' | 'lineAt' | 'nameOf' | 'traits' | 'unitBase' | 'unitCount'>;

/** A code object's units by what they call. */
interface CallIndex {
  readonly calls: ReadonlyMap<number, NamedCall>;
  /** Units by the names they call, pass, get as an attribute, iterate over the result of, take the result of as an argument. */
  readonly passed: ReadonlyMap<string, readonly number[]>;
  readonly called: ReadonlyMap<string, readonly number[]>;
  readonly got: ReadonlyMap<string, readonly number[]>;
  readonly iterated: ReadonlyMap<string, readonly number[]>;
  readonly taken: ReadonlyMap<string, readonly number[]>;
  /** Units by the index of their operator. */
  readonly operated: ReadonlyMap<number, readonly number[]>;
  /** Units that iterate over something without a name, call what has a class's name, call anything else. */
  readonly iterating: readonly number[];
  readonly making: readonly number[];
  readonly calling: readonly number[];
}

/** Positions at which a caller may call a callee, as far as names tell: those that fit best, and how well. */
export interface Candidates {
  readonly fit: number;
  readonly units: Int32Array;
}
const noCandidates: Candidates = { fit: Fit.None, units: new Int32Array(0) };

/** Judges by names in the bytecode (to 3.10) which positions of a caller go with a callee. What was seen is not known here. */
export class CallFits {
  private readonly codes: CallingCodes;
  private readonly indices = new Map<number, CallIndex>();
  /** Names of generator functions met. */
  private readonly generators = new Set<string>();

  constructor(codes: CallingCodes) {
    this.codes = codes;
  }

  /** Takes note of a callee. @returns whether what was judged before may have changed: a call that makes a generator takes no results */
  meet(callee: number): boolean {
    const { codes, generators } = this;
    if ((codes.traits[callee]! & CodeTrait.Generator) === 0 || generators.has(codes.nameOf(callee))) return false;
    generators.add(codes.nameOf(callee));
    return true;
  }

  /** @returns a Fit */
  fitOf(caller: number, unit: number, callee: number): number {
    const { codes } = this;
    const byte = codes.kindOfUnit[codes.unitBase[caller]! + unit]!;
    const kind = byte & callKindMask;
    if (kind === CallKind.None) return Fit.None;
    const name = codes.nameOf(callee);
    if (kind !== CallKind.Call && calledMethods.has(name)) return Fit.None;
    const call = this.indexOf(caller).calls.get(unit);
    const operator = operatorOf(name);
    if (operator >= 0) {
      if (byte >> operatorShift === operator + 1) return Fit.Good;
      // Built-in functions call all of them.
      return kind === CallKind.Call && !isClassName(call?.name ?? null) ? Fit.Possible : Fit.Odd;
    }
    if ((codes.traits[callee]! & CodeTrait.Generator) !== 0) return this.fitOfGenerator(caller, unit, callee, kind, call);
    if (madeNames.has(name)) return call?.name === madeFunction && this.isNearest(caller, unit, callee) ? Fit.Named : Fit.Odd;
    if (kind === CallKind.Attribute) {
      if (attributeMethods.has(name)) return Fit.Good;
      // A property; but not where the same name is called next.
      return call?.name === name && !this.indexOf(caller).called.has(name) ? Fit.Good : Fit.Odd;
    }
    if (kind === CallKind.Operator && name.startsWith('__') && name.endsWith('__')) {
      const own = operators[(byte >> operatorShift) - 1];
      return own === undefined || hashing.has(own) ? Fit.Possible : Fit.Odd;
    }
    if (kind !== CallKind.Call) return Fit.Odd;
    if (call?.name === name) return Fit.Named;
    if (name === lambdaName) {
      return call?.passed.includes(madeFunction) === true && this.isNearest(caller, unit, callee) ? Fit.Good : Fit.Possible;
    }
    if (call?.passed.includes(name) === true) return Fit.Good;
    if (name === '__call__') return call === undefined || !isClassName(call.name) ? Fit.Likely : Fit.Possible;
    return calledMethods.has(name) && call !== undefined && isClassName(call.name) ? Fit.Likely : Fit.Possible;
  }

  private fitOfGenerator(caller: number, unit: number, callee: number, kind: number, call: NamedCall | undefined): number {
    const name = this.codes.nameOf(callee);
    // A generator expression is called where it is made; several are told apart by their lines.
    const maker = name === generatorExpression ? madeFunction : name;
    const isResumed =
      call !== undefined && (kind === CallKind.Iterate ? call.name === maker : call.results.includes(maker) && !this.makesGenerator(call));
    if (isResumed) return name !== generatorExpression || this.isNearest(caller, unit, callee) ? Fit.Good : Fit.Possible;
    if (kind === CallKind.Iterate && (call?.name ?? null) === null) return Fit.Likely;
    return kind === CallKind.Attribute || kind === CallKind.Operator ? Fit.Odd : Fit.Possible;
  }

  /** Where a caller may call a callee: the positions that fit it best, if they are few and at least Likely. */
  candidates(caller: number, callee: number): Candidates {
    const { codes } = this;
    const index = this.indexOf(caller);
    const name = codes.nameOf(callee);
    const operator = operatorOf(name);
    if (operator >= 0) return candidatesOf(Fit.Good, index.operated.get(operator));
    if ((codes.traits[callee]! & CodeTrait.Generator) !== 0) {
      const isExpression = name === generatorExpression;
      const maker = isExpression ? madeFunction : name;
      const takers = (index.taken.get(maker) ?? []).filter((unit) => !this.makesGenerator(index.calls.get(unit)!));
      const units = [...(index.iterated.get(maker) ?? []), ...takers];
      const nearest = isExpression ? units.filter((unit) => this.isNearest(caller, unit, callee)) : units;
      return nearest.length > 0 ? candidatesOf(Fit.Good, nearest) : candidatesOf(Fit.Likely, index.iterating);
    }
    if (madeNames.has(name)) {
      return candidatesOf(
        Fit.Named,
        index.called.get(madeFunction)?.filter((unit) => this.isNearest(caller, unit, callee)),
      );
    }
    const named = index.called.get(name);
    if (named !== undefined) return candidatesOf(Fit.Named, named);
    if (calledMethods.has(name)) return candidatesOf(Fit.Likely, name === '__call__' ? index.calling : index.making);
    const passing =
      name === lambdaName ? index.passed.get(madeFunction)?.filter((unit) => this.isNearest(caller, unit, callee)) : index.passed.get(name);
    return candidatesOf(Fit.Good, [...(passing ?? []), ...(index.got.get(name) ?? [])]);
  }

  private makesGenerator({ name }: NamedCall): boolean {
    return name !== null && this.generators.has(name);
  }

  /** Whether no other call that makes functions is nearer to the callee's beginning. */
  private isNearest(caller: number, unit: number, callee: number): boolean {
    const distance = this.distance(caller, unit, callee);
    const isNearer = ({ name, passed, results, unit: other }: NamedCall): boolean =>
      (name === madeFunction || passed.includes(madeFunction) || results.includes(madeFunction)) &&
      this.distance(caller, other, callee) < distance;
    return distance <= near && !this.codes.callsOf(caller).some(isNearer);
  }

  /** Lines between a position in a caller and the beginning of a callee. */
  private distance(caller: number, unit: number, callee: number): number {
    const { codes } = this;
    // The last unit stands for a frame that has not begun.
    const first = codes.lineAt(codes.unitBase[callee]! + codes.unitCount[callee]! - 1);
    return Math.abs(codes.lineAt(codes.unitBase[caller]! + unit) - first);
  }

  private indexOf(code: number): CallIndex {
    let index = this.indices.get(code);
    if (index === undefined) this.indices.set(code, (index = indexCalls(this.codes, code)));
    return index;
  }
}

function indexCalls(codes: CallingCodes, code: number): CallIndex {
  const calls = new Map<number, NamedCall>();
  const called = new Map<string, number[]>();
  const passed = new Map<string, number[]>();
  const got = new Map<string, number[]>();
  const iterated = new Map<string, number[]>();
  const taken = new Map<string, number[]>();
  const operated = new Map<number, number[]>();
  const iterating: number[] = [];
  const making: number[] = [];
  const calling: number[] = [];
  const add = <K>(map: Map<K, number[]>, key: K, unit: number): void => {
    const units = map.get(key);
    if (units === undefined) map.set(key, [unit]);
    else units.push(unit);
  };
  for (const call of codes.callsOf(code)) calls.set(call.unit, call);
  const base = codes.unitBase[code]!;
  for (let unit = 0; unit < codes.unitCount[code]!; unit++) {
    const byte = codes.kindOfUnit[base + unit]!;
    const operator = (byte >> operatorShift) - 1;
    if (operator >= 0) add(operated, operator, unit);
    const call = calls.get(unit);
    const name = call?.name ?? null;
    switch (byte & callKindMask) {
      case CallKind.Call:
        if (name !== null) add(called, name, unit);
        for (const argument of call?.passed ?? []) add(passed, argument, unit);
        for (const result of call?.results ?? []) add(taken, result, unit);
        (isClassName(name) ? making : calling).push(unit);
        break;
      case CallKind.Attribute:
        if (name !== null) add(got, name, unit);
        break;
      case CallKind.Iterate:
        if (name === null) iterating.push(unit);
        else add(iterated, name, unit);
        break;
    }
  }
  return { calls, called, passed, got, iterated, taken, operated, iterating, making, calling };
}

function candidatesOf(fit: number, units: readonly number[] = []): Candidates {
  return units.length === 0 || units.length > maxCandidates ? noCandidates : { fit, units: Int32Array.from(units) };
}

/** Classes are capitalised (PEP 8). */
function isClassName(name: string | null): boolean {
  return name !== null && /^_*\p{Lu}/u.test(name);
}
