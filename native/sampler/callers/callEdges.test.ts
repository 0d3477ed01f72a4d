import assert from 'node:assert/strict';
import { CallKind, operators, operatorShift } from '../../cpython/callOpcodes.ts';
import { CodeTrait, madeFunction, type NamedCall } from '../../cpython/codeObject.ts';
import { CallEdges } from './callEdges.ts';
import type { CallingCodes } from './callFits.ts';

/** A function as a test states it: what each of its units does. */
interface Unit {
  readonly kind: number;
  readonly line?: number;
  readonly name?: string;
  readonly passed?: readonly string[];
  readonly results?: readonly string[];
}

/** Functions by number, from 1 on. */
class Program implements CallingCodes {
  readonly unitBase = new Int32Array(1000);
  readonly unitCount = new Int32Array(1000);
  readonly traits = new Uint8Array(1000);
  readonly kindOfUnit = new Uint8Array(1000);
  private readonly lines: number[] = [];
  private readonly names: string[] = [''];
  private readonly calls: NamedCall[][] = [[]];
  private used = 0;

  add(name: string, units: readonly Unit[], traits = 0, firstLine = 1): number {
    const code = this.names.push(name) - 1;
    this.unitBase[code] = this.used;
    this.unitCount[code] = units.length + 1; // the last one: not begun
    this.traits[code] = traits;
    units.forEach(({ kind, line }, unit) => {
      this.kindOfUnit[this.used + unit] = kind;
      this.lines[this.used + unit] = line ?? firstLine;
    });
    this.lines[this.used + units.length] = firstLine;
    this.calls.push(
      units.flatMap(({ name: called, passed, results }, unit) =>
        called === undefined && passed === undefined ? [] : [{ unit, name: called ?? null, passed: passed ?? [], results: results ?? [] }],
      ),
    );
    this.used += units.length + 1;
    return code;
  }

  nameOf(code: number): string {
    return this.names[code]!;
  }

  callsOf(code: number): readonly NamedCall[] {
    return this.calls[code]!;
  }

  lineAt(unit: number): number {
    return this.lines[unit]!;
  }
}

const { None, Call, Iterate, Attribute, Operator } = CallKind;
const operatorUnit = (name: (typeof operators)[number]): Unit => ({ kind: Operator | ((1 + operators.indexOf(name)) << operatorShift) });

describe('CallEdges', () => {
  it('believes a position that calls the callee by its name', () => {
    const program = new Program();
    const callee = program.add('work', []);
    const caller = program.add('main', [{ kind: None }, { kind: Call, name: 'other' }, { kind: Call, name: 'work' }]);
    const edges = new CallEdges(program);
    assert.equal(edges.check(caller, 2, callee), 2);
    assert.equal(edges.doubt, 0);
  });

  it('puts where the caller calls the callee in place of a position that does not', () => {
    const program = new Program();
    const work = program.add('work', []);
    const other = program.add('other', []);
    const caller = program.add('main', [
      { kind: Call, name: 'other' },
      { kind: Call, name: 'work' },
      { kind: None },
      operatorUnit('add'),
      { kind: Attribute, name: 'x' },
    ]);
    const edges = new CallEdges(program);
    for (const unit of [0, 2, 3, 4]) {
      assert.equal(edges.check(caller, unit, work), 1, `from ${unit}`);
      assert.notEqual(edges.doubt, 0);
    }
    assert.equal(edges.check(caller, 1, other), 0);
    assert(!edges.isBroken);
  });

  it('takes the position seen last where several call by the name', () => {
    const program = new Program();
    const work = program.add('work', []);
    const caller = program.add('main', [{ kind: Call, name: 'work' }, { kind: None }, { kind: Call, name: 'work' }]);
    const edges = new CallEdges(program);
    assert.equal(edges.check(caller, 2, work), 2);
    assert.equal(edges.check(caller, 1, work), 2);
    assert.equal(edges.check(caller, 0, work), 0);
    assert.equal(edges.check(caller, 1, work), 0);
  });

  it('believes a doubtful position from which long calls come: by its second looks, and at last without', () => {
    const program = new Program();
    const work = program.add('work', []);
    const caller = program.add('main', [
      { kind: Call, name: 'alias' },
      { kind: Call, name: 'work' },
    ]);
    const edges = new CallEdges(program);
    for (let looks = 0; looks < 8; looks++) {
      assert.equal(edges.check(caller, 0, work), 1);
      assert(edges.wantsLook(edges.doubt));
      assert(edges.look(edges.doubt, true));
    }
    assert.equal(edges.check(caller, 0, work), 0);
    assert.equal(edges.doubt, 0);
  });

  it('stops looking again at a position that stays by chance only', () => {
    const program = new Program();
    const work = program.add('work', []);
    const caller = program.add('main', [
      { kind: Call, name: 'alias' },
      { kind: Call, name: 'work' },
    ]);
    const edges = new CallEdges(program);
    let believed = 0;
    let looks = 0;
    for (let seen = 0; seen < 1000; seen++) {
      assert.equal(edges.check(caller, 0, work), 1);
      if (!edges.wantsLook(edges.doubt)) continue;
      if (edges.look(edges.doubt, looks++ % 4 === 1)) believed++;
    }
    assert.equal(looks, 48);
    assert(believed <= 1, `${believed} believed`);
  });

  it('learns positions from threads that did not run', () => {
    const program = new Program();
    const work = program.add('work', []);
    const caller = program.add('main', [
      { kind: Call, name: 'alias' },
      { kind: Call, name: 'work' },
    ]);
    const edges = new CallEdges(program);
    for (let samples = 0; samples < 8; samples++) edges.learn(caller, 0, work);
    assert.equal(edges.check(caller, 0, work), 0);
    assert.equal(edges.doubt, 0);
  });

  it('finds a call impossible whose position calls another function, when nothing else does', () => {
    const program = new Program();
    const even = program.add('even', []);
    const odd = program.add('odd', [{ kind: Call, name: 'even' }]);
    const fibonacci = program.add('fibonacci', [{ kind: Call, name: 'fibonacci' }]);
    const edges = new CallEdges(program);
    for (let seen = 0; seen < 100; seen++) {
      edges.check(odd, 0, even);
      edges.check(fibonacci, 0, fibonacci);
    }
    edges.check(odd, 0, fibonacci);
    assert(edges.isBroken);
    edges.check(odd, 0, even);
    assert(!edges.isBroken);
  });

  it('believes calls by an alias that is used as often as the name', () => {
    const program = new Program();
    const run = program.add('run', []);
    const fast = program.add('fast_run', []);
    const caller = program.add('main', [{ kind: Call, name: 'run' }]);
    const edges = new CallEdges(program);
    for (let seen = 0; seen < 10; seen++) {
      edges.check(caller, 0, run);
      edges.check(caller, 0, fast);
    }
    assert.equal(edges.check(caller, 0, fast), 0);
    assert(!edges.isBroken);
  });

  it('believes destructors and tracing functions at any position', () => {
    const program = new Program();
    const destructor = program.add('__del__', []);
    const caller = program.add('main', [{ kind: None }, { kind: Call, name: 'work' }]);
    const edges = new CallEdges(program);
    for (let seen = 0; seen < 5; seen++) assert.equal(edges.check(caller, 0, destructor), 0);
    assert(!edges.isBroken);
  });

  it('knows what operators, iteration and attributes call', () => {
    const program = new Program();
    const add = program.add('__radd__', []);
    const numbers = program.add('numbers', [], CodeTrait.Generator);
    const size = program.add('size', []);
    const get = program.add('__getattr__', []);
    const caller = program.add('main', [
      { kind: Call, name: 'numbers' },
      { kind: Iterate, name: 'numbers' },
      operatorUnit('add'),
      { kind: Attribute, name: 'size' },
      { kind: Call, name: 'list', results: ['numbers'] },
    ]);
    for (const [callee, units] of [
      [add, [2]],
      [numbers, [1, 4]],
      [size, [3]],
      [get, [3]],
    ] as const) {
      for (const unit of units) {
        const edges = new CallEdges(program);
        assert.equal(edges.check(caller, unit, callee), unit);
        assert.equal(edges.doubt, 0, `${program.nameOf(callee)} at ${unit}`);
      }
    }
    const edges = new CallEdges(program);
    assert.equal(edges.check(caller, 2, numbers), 1, 'a generator is resumed where it is iterated over: next to where it seemed to be');
    const summing = program.add('summing', [{ kind: None }, { kind: Call, name: 'sum' }]);
    assert.equal(edges.check(summing, 1, add), 1, 'built-in functions call operators');
    assert.equal(edges.doubt, 0);
  });

  it('tells comprehensions and lambdas apart by their lines', () => {
    const program = new Program();
    const first = program.add('<listcomp>', [], 0, 10);
    const second = program.add('<listcomp>', [], 0, 20);
    const lambda = program.add('<lambda>', [], 0, 30);
    const caller = program.add('main', [
      { kind: Call, name: madeFunction, line: 10 },
      { kind: Call, name: madeFunction, line: 20 },
      { kind: Call, name: 'sorted', passed: [madeFunction], line: 30 },
    ]);
    const edges = new CallEdges(program);
    assert.equal(edges.check(caller, 1, first), 0);
    assert.equal(edges.check(caller, 0, second), 1);
    assert.equal(edges.check(caller, 2, lambda), 2);
  });

  it('doubts a position where another one, as good as it, is seen far more often', () => {
    const program = new Program();
    const numbers = program.add('numbers', [], CodeTrait.Generator);
    const work = program.add('work', []);
    const caller = program.add('main', [{ kind: Iterate }, { kind: Call, name: 'anything' }]);
    const edges = new CallEdges(program);
    for (let seen = 0; seen < 100; seen++) {
      assert.equal(edges.check(caller, 0, numbers), 0);
      edges.check(caller, 1, work);
    }
    assert.equal(edges.check(caller, 1, numbers), 0);
    assert.notEqual(edges.doubt, 0);
  });

  /** What probes find of a caller that is at a unit when it calls. */
  const probe = (edges: CallEdges, caller: number, unit: number, callee: number, times: number): void => {
    for (let i = 0; i < times; i++) edges.found(caller, unit, callee, i % 2 === 0);
  };

  it('asks for probes where names do not tell, until these found the caller in both orders', () => {
    const program = new Program();
    const callee = program.add('__call__', []);
    const named = program.add('work', []);
    const caller = program.add('main', [
      { kind: Call, name: 'sort' },
      { kind: Call, name: 'number' },
      { kind: Call, name: 'work' },
    ]);
    const edges = new CallEdges(program);
    edges.check(caller, 2, named);
    assert.equal(edges.wantsProbes, false, 'the name tells');
    edges.check(caller, 1, named);
    assert.equal(edges.wantsProbes, false, 'another position has its name');
    assert.equal(edges.check(caller, 1, callee), 1);
    assert.deepEqual([edges.wantsProbes, edges.asks(caller, 1, callee)], [true, true]);
    probe(edges, caller, 1, callee, 4);
    assert(!edges.asks(caller, 1, callee));
    assert.equal(edges.check(caller, 1, callee), 1);
    assert.deepEqual([edges.wantsProbes, edges.doubt], [false, 0]);
  });

  it('moves a call to where probes found it from a position that goes as well with the callee', () => {
    const program = new Program();
    const callee = program.add('__call__', []);
    const caller = program.add('main', [
      { kind: Call, name: 'sort' },
      { kind: Call, name: 'number' },
      { kind: Call, name: 'set' },
    ]);
    const edges = new CallEdges(program);
    for (let i = 0; i < 50; i++) assert.equal(edges.check(caller, 0, callee), 0, 'as good as any');
    probe(edges, caller, 1, callee, 8);
    assert.equal(edges.check(caller, 0, callee), 1);
    assert.notEqual(edges.doubt, 0, 'a second look may still find it there');
    assert.equal(edges.check(caller, 2, callee), 1, 'nor from another one that they did not find');
    assert.equal(edges.check(caller, 1, callee), 1);
    assert.equal(edges.doubt, 0);
  });

  it('judges a position anew after probes that followed its sighting', () => {
    const program = new Program();
    const callee = program.add('__call__', []);
    const caller = program.add('main', [{ kind: Call, name: 'sort' }, { kind: Call, name: 'number' }, { kind: None }]);
    const edges = new CallEdges(program);
    edges.check(caller, 0, callee);
    assert(!edges.settle(caller, 0, callee), 'nothing was found yet');
    probe(edges, caller, 1, callee, 8);
    assert(edges.settle(caller, 0, callee));
    assert.equal(edges.settledUnit, 1);
    edges.check(caller, 2, callee);
    assert(edges.settle(caller, 2, callee));
    assert.deepEqual([edges.settledUnit, edges.isBroken], [1, false]);
    edges.check(caller, 1, callee);
    assert(edges.settle(caller, 1, callee));
    assert.deepEqual([edges.settledUnit, edges.doubt], [1, 0]);
  });

  it('does not believe a position at which the caller is found in one order only, where one that fits better is right', () => {
    const program = new Program();
    const callee = program.add('numbers', [], CodeTrait.Generator);
    const caller = program.add('main', [{ kind: Call, name: 'close' }, { kind: Iterate }, { kind: Iterate }]);
    const edges = new CallEdges(program);
    for (let i = 0; i < 8; i++) for (const unit of [0, 2]) edges.found(caller, unit, callee, true);
    probe(edges, caller, 1, callee, 8);
    assert.equal(edges.check(caller, 0, callee), 1);
    assert.equal(edges.check(caller, 2, callee), 2, 'iteration, too: it may be a short one');
  });

  it('takes, of positions that call by the name and were not seen doing it, the nearest where the caller ever was', () => {
    const program = new Program();
    const time = program.add('time', []);
    const run = program.add('run', []);
    const named = { kind: Call, name: 'time' };
    const caller = program.add('main', [
      named,
      { kind: Call, name: 'select' },
      named,
      { kind: None },
      { kind: None },
      named,
      { kind: Call, name: 'run' },
    ]);
    const edges = new CallEdges(program);
    assert.equal(edges.check(caller, 6, time), 5, 'the nearest');
    // Seen there, if only when something else was called already.
    edges.check(caller, 2, run);
    assert.equal(edges.check(caller, 6, time), 2);
    edges.visit(caller, 0);
    assert.equal(edges.check(caller, 1, time), 0, 'the first of two as near');
    assert.equal(edges.check(caller, 2, time), 2);
    assert.equal(edges.doubt, 0);
  });

  it('finds what classes and instances call at calls only, and by the case of names', () => {
    const program = new Program();
    const init = program.add('__init__', []);
    const call = program.add('__call__', []);
    const caller = program.add('main', [
      operatorUnit('add'),
      { kind: Attribute, name: 'x' },
      { kind: Call, name: 'Number' },
      { kind: None },
      { kind: Call, name: 'number' },
      operatorUnit('getitem'),
    ]);
    for (const unit of [0, 1, 3, 5]) {
      const edges = new CallEdges(program);
      // However often: a copy is torn at the same place each time when the target moves in step with the sampler.
      for (let seen = 0; seen < 50; seen++)
        assert.deepEqual([edges.check(caller, unit, init), edges.check(caller, unit, call)], [2, 4], `from ${unit}`);
    }
  });

  it('takes a call that a position makes by the name of its callee for that, before it was seen', () => {
    const program = new Program();
    const add = program.add('add', []);
    const call = program.add('__call__', []);
    const caller = program.add('main', [
      { kind: Call, name: 'add' },
      { kind: None },
      { kind: None },
      { kind: None },
      { kind: Call, name: 'number' },
    ]);
    const edges = new CallEdges(program);
    edges.check(caller, 1, add);
    assert.equal(edges.check(caller, 0, call), 4);
    assert.notEqual(edges.doubt, 0);
  });

  it('resumes generator expressions where they are made, and generators not where another one is made of them', () => {
    const program = new Program();
    const first = program.add('<genexpr>', [], CodeTrait.Generator, 10);
    const second = program.add('<genexpr>', [], CodeTrait.Generator, 20);
    const count = program.add('count', [], CodeTrait.Generator, 1);
    const twice = program.add('twice', [], CodeTrait.Generator, 1);
    const caller = program.add('main', [
      { kind: Call, name: 'sum', results: [madeFunction], line: 10 },
      { kind: Call, name: 'sum', results: [madeFunction], line: 20 },
      { kind: Call, name: 'twice', results: ['count'], line: 30 },
      { kind: Call, name: 'list', results: ['twice'], line: 30 },
      { kind: Call, name: 'list', results: ['count'], line: 40 },
    ]);
    const edges = new CallEdges(program);
    assert.equal(edges.check(caller, 1, first), 0);
    assert.equal(edges.check(caller, 0, second), 1);
    assert.equal(edges.check(caller, 3, twice), 3);
    assert.equal(edges.check(caller, 2, count), 4);
  });

  it('goes on with many functions and positions', () => {
    const program = new Program();
    const callees = Array.from({ length: 300 }, (_, i) => program.add(`f${i}`, []));
    const caller = program.add(
      'main',
      callees.map((_, i) => ({ kind: Call, name: `f${i}` })),
    );
    const edges = new CallEdges(program);
    for (let round = 0; round < 3; round++) {
      callees.forEach((callee, i) => assert.equal(edges.check(caller, i, callee), i));
      callees.forEach((callee, i) => assert.equal(edges.check(caller, (i + 7) % callees.length, callee), i));
    }
  });
});
