import assert from 'node:assert/strict';
import { CodeTrait } from '../../cpython/codeObject.ts';
import { InstructionKind } from '../../cpython/opcodes.ts';
import { unnamed } from '../code/codeCache.ts';
import { broken, Entry, type NamedCodes, NamedEdges } from './namedEdges.ts';

/** A unit as a test states it: `calls` is a name, or null for one that is not known; absent: it calls nothing. */
interface Unit {
  readonly calls?: string | null;
  /** What the call returned is iterated over. */
  readonly iterates?: boolean;
  readonly takes?: readonly string[];
}

const maxCodes = 4000;
const maxUnits = 40_000;

/** Functions by number, from 1 on. */
class Program implements NamedCodes {
  readonly unitBase = new Int32Array(maxCodes);
  readonly unitCount = new Int32Array(maxCodes);
  readonly ownName = new Int32Array(maxCodes);
  readonly className = new Int32Array(maxCodes);
  readonly traits = new Uint8Array(maxCodes);
  readonly kindOfUnit = new Uint8Array(maxUnits);
  readonly calledName = new Int32Array(maxUnits);
  readonly takenNames = new Map<number, readonly number[]>();
  private readonly numbers = new Map<string, number>();
  private count = 0;
  private used = 0;

  /** @param name of the function, after that of its class and a point if it is a method */
  add(name: string, units: readonly Unit[] = [], traits = 0): number {
    const code = ++this.count;
    const parts = name.split('.');
    this.ownName[code] = this.number(parts.at(-1)!);
    this.className[code] = parts.length > 1 ? this.number(parts[0]!) : 0;
    this.traits[code] = traits | (parts.at(-1)!.startsWith('__') ? CodeTrait.Special : 0);
    this.unitBase[code] = this.used;
    this.unitCount[code] = units.length;
    for (const { calls, iterates, takes } of units) {
      const called = calls === undefined ? 0 : calls === null ? unnamed : this.number(calls);
      this.calledName[this.used] = iterates === true ? -called : called;
      this.kindOfUnit[this.used] = iterates === true ? InstructionKind.Iterates : InstructionKind.Other;
      if (takes !== undefined)
        this.takenNames.set(
          this.used,
          takes.map((one) => this.number(one)),
        );
      this.used++;
    }
    return code;
  }

  private number(name: string): number {
    const number = this.numbers.get(name) ?? unnamed + 1 + this.numbers.size;
    this.numbers.set(name, number);
    return number;
  }
}

const { Direct, ThroughC, Resumed } = Entry;

/** Asserts that a position is believed. */
function believed(edges: NamedEdges, caller: number, unit: number, callee: number, entry: number = Direct): void {
  assert.deepEqual([edges.check(caller, unit, callee, entry), edges.doubt], [unit, 0]);
}

/** Asserts that a position is not believed, and what takes its place. */
function doubted(edges: NamedEdges, caller: number, unit: number, callee: number, instead: number, entry: number = Direct): void {
  assert.equal(edges.check(caller, unit, callee, entry), instead);
  assert.notEqual(edges.doubt, 0);
  assert(!edges.isByName);
}

describe('NamedEdges', () => {
  it('believes a position that calls its callee by name, and says so, also from the second time on', () => {
    const program = new Program();
    const a = program.add('a');
    const caller = program.add('main', [{}, { calls: 'a' }, { calls: null }]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 3; seen++) {
      believed(edges, caller, 1, a);
      assert(edges.isByName);
      believed(edges, caller, 2, a);
      assert(!edges.isByName);
    }
    assert(edges.isCalledByName(a));
  });

  it('puts the nearest position that calls the callee in place of one that is known to call another function', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [{ calls: 'b' }, {}, {}, { calls: 'a' }, {}, { calls: 'b' }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 3, a);
    doubted(edges, caller, 3, b, 5);
    believed(edges, caller, 3, a);
    believed(edges, caller, 0, b);
    doubted(edges, caller, 3, b, 0); // the only one of them that was seen
    believed(edges, caller, 6, b);
    doubted(edges, caller, 3, b, 0); // as near as the other one
    believed(edges, caller, 5, b);
    doubted(edges, caller, 3, b, 5);
  });

  it('prefers one that was seen to a nearer one that was not', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [{ calls: 'b' }, { calls: 'a' }, {}, {}, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 1, a);
    believed(edges, caller, 4, b);
    doubted(edges, caller, 1, b, 4);
  });

  it('looks at the first positions only where very many have the name', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [...Array.from({ length: 70 }, () => ({ calls: 'b' })), { calls: 'a' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 70, a);
    doubted(edges, caller, 70, b, 63);
  });

  it('finds a call impossible whose position calls another function, when no other calls the callee, which is called by its name elsewhere', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [{ calls: 'a' }]);
    const other = program.add('other', [{ calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 0, a);
    believed(edges, caller, 0, b); // by an alias, for all that is known
    for (let seen = 0; seen < 3; seen++) believed(edges, other, 0, b);
    doubted(edges, caller, 0, b, broken);
    believed(edges, caller, 0, a);
  });

  it('believes a position that was not seen calling what it names while no other is known to call the callee', () => {
    const program = new Program();
    const b = program.add('b');
    const caller = program.add('main', [{ calls: 'alias' }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 0, b);
    believed(edges, caller, 1, b);
    doubted(edges, caller, 0, b, 1);
  });

  it('believes decorated functions, which nobody calls by their name', () => {
    const program = new Program();
    const [a, wrapper] = [program.add('a'), program.add('wrapper')];
    const caller = program.add('main', [{ calls: 'a' }]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 200; seen++) believed(edges, caller, 0, wrapper);
    // One class has a decorated method of that name, another one a plain one.
    for (let seen = 0; seen < 200; seen++) {
      believed(edges, caller, 0, a);
      believed(edges, caller, 0, wrapper);
    }
    assert(!edges.isCalledByName(wrapper));
  });

  it('doubts a function that nobody calls by its name where it is rare, if it is common elsewhere', () => {
    const program = new Program();
    const [a, wrapper, rare] = [program.add('a'), program.add('wrapper'), program.add('rare')];
    const caller = program.add('main', [{ calls: 'a' }]);
    const other = program.add('other', [{ calls: null }]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 14; seen++) believed(edges, other, 0, wrapper);
    for (let seen = 0; seen < 48; seen++) believed(edges, caller, 0, a);
    believed(edges, caller, 0, wrapper); // one of 49 there
    for (let seen = 0; seen < 50; seen++) believed(edges, caller, 0, a);
    believed(edges, caller, 0, rare); // nowhere else
    doubted(edges, caller, 0, wrapper, broken); // the second of 101 there, of 16 in all
  });

  it('finds what classes call where they are called, each its own', () => {
    const program = new Program();
    const [point, circle] = [program.add('Point.__init__'), program.add('Circle.__init__')];
    const caller = program.add('main', [{ calls: 'Point' }, {}, { calls: 'Circle' }]);
    for (const entry of [Direct, ThroughC]) {
      const edges = new NamedEdges(program, true);
      believed(edges, caller, 0, point, entry);
      assert(edges.isByName);
      doubted(edges, caller, 0, circle, 2, entry);
      believed(edges, caller, 2, circle, entry);
      doubted(edges, caller, 2, point, 0, entry);
    }
  });

  it('resumes generators where they are iterated over', () => {
    const program = new Program();
    const generate = program.add('generate', [], CodeTrait.Generator);
    const caller = program.add('main', [
      { calls: 'generate' },
      { calls: 'generate', iterates: true },
      {},
      { calls: 'generate', iterates: true },
    ]);
    const given = program.add('given', [{ calls: null, iterates: true }, { calls: 'work' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 1, generate, Resumed);
    assert(edges.isByName);
    doubted(edges, caller, 2, generate, 1, Resumed);
    believed(edges, given, 0, generate, Resumed);
    doubted(edges, given, 1, generate, broken, Resumed);
  });

  it('takes no position that resumes for one that calls, or the other way round', () => {
    const program = new Program();
    const [a, generate] = [program.add('a'), program.add('generate', [], CodeTrait.Generator)];
    const caller = program.add('main', [{ calls: 'generate', iterates: true }, { calls: 'a' }, {}, {}, { calls: 'generate' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 1, a);
    doubted(edges, caller, 1, generate, 4); // makes it
    doubted(edges, caller, 1, generate, 0, Resumed);
  });

  it('lets generators be resumed through C at any position to 3.11', () => {
    const program = new Program();
    const generate = program.add('generate', [], CodeTrait.Generator);
    const caller = program.add('main', [{}]);
    believed(new NamedEdges(program, false), caller, 0, generate, Resumed);
    doubted(new NamedEdges(program, true), caller, 0, generate, broken, Resumed);
  });

  it('resumes generators through C where they are passed: list(generate())', () => {
    const program = new Program();
    const generate = program.add('generate', [], CodeTrait.Generator);
    const [make, a] = [program.add('make'), program.add('a')];
    const caller = program.add('main', [
      { calls: 'generate' },
      { calls: 'list', takes: ['make', 'generate'] },
      { calls: 'a' },
      { calls: 'generate' },
    ]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 1, generate, ThroughC);
    assert(edges.isByName);
    believed(edges, caller, 2, a);
    doubted(edges, caller, 2, generate, 1, ThroughC); // not one of those that make it
    believed(edges, caller, 1, make, ThroughC);
    assert(!edges.isByName, 'no generator');
  });

  it('does not put a position that calls by the name in place of one through which C called', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [{ calls: 'a' }, { calls: 'b' }, { calls: 'sorted' }]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 3; seen++) believed(edges, caller, 1, b);
    believed(edges, caller, 2, b, ThroughC); // sorted(key=b)
    believed(edges, caller, 0, a);
    doubted(edges, caller, 0, b, broken, ThroughC);
  });

  it('believes a position that stays in a second look this time, and for good when most looks stay', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [{ calls: 'a' }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 0, a);
    for (let looks = 1; looks <= 8; looks++) {
      doubted(edges, caller, 0, b, 1);
      assert(edges.wantsLook(edges.doubt));
      assert(edges.look(edges.doubt, true), `after ${looks} looks`);
    }
    believed(edges, caller, 0, b);
    believed(edges, caller, 0, a);
    believed(edges, caller, 0, b);
  });

  it('learns from threads that did not run as from looks that stayed', () => {
    const program = new Program();
    const [a, b, c] = [program.add('a'), program.add('b'), program.add('c')];
    const caller = program.add('main', [{ calls: 'a' }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    edges.learn(caller, 0, a); // that it calls what it names
    doubted(edges, caller, 0, b, 1);
    for (let seen = 0; seen < 8; seen++) edges.learn(caller, 0, b);
    believed(edges, caller, 0, b);
    edges.learn(caller, 1, b);
    const other = program.add('other', [{ calls: 'c' }]);
    edges.learn(other, 0, c); // that c is called by its name
    doubted(edges, caller, 0, c, broken);
  });

  it('looks no more at a position that does not stay, until very many sightings later', () => {
    const program = new Program();
    const [a, b] = [program.add('a'), program.add('b')];
    const caller = program.add('main', [{ calls: 'a' }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, caller, 0, a);
    let looks = 0;
    for (let seen = 1; seen <= 17_000; seen++) {
      doubted(edges, caller, 0, b, 1);
      if (seen === 16_384) assert.equal(looks, 48);
      if (!edges.wantsLook(edges.doubt)) continue;
      looks++;
      assert(!edges.look(edges.doubt, seen % 10 === 0));
    }
    assert.equal(looks, 96);
  });

  it('does not doubt without names', () => {
    const program = new Program();
    const [a, b, special] = [program.add('a'), program.add('b'), program.add('Point.__add__')];
    const caller = program.add('main', [{ calls: null }, {}]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 3; seen++) {
      for (const callee of [a, b]) believed(edges, caller, 0, callee);
      for (const callee of [a, b, special]) believed(edges, caller, 1, callee);
    }
  });

  it('doubts that an operator calls what is mostly called by its name, unless it is a special method', () => {
    const program = new Program();
    const [a, special] = [program.add('a'), program.add('Point.__add__')];
    const caller = program.add('main', [{}]);
    const other = program.add('other', [{ calls: 'a' }, { calls: '__add__' }]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 5; seen++) {
      believed(edges, other, 0, a);
      believed(edges, other, 1, special);
    }
    doubted(edges, caller, 0, a, broken);
    believed(edges, caller, 0, special);
  });

  it('doubts a position without a name only where another one that has it is seen far more often', () => {
    const program = new Program();
    const b = program.add('b');
    const caller = program.add('main', [{ calls: null }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    for (let seen = 0; seen < 8; seen++) believed(edges, caller, 1, b);
    believed(edges, caller, 0, b); // once, and eight times
    for (let seen = 0; seen < 9; seen++) believed(edges, caller, 1, b);
    doubted(edges, caller, 0, b, 1); // twice, and 17 times
  });

  it('goes on with thousands of functions and positions, and knows of the first ones still', () => {
    const program = new Program();
    const [a, b, wrapper] = [program.add('a'), program.add('b'), program.add('wrapper')];
    const first = program.add('first', [{ calls: 'a' }, { calls: 'b' }]);
    const edges = new NamedEdges(program, true);
    believed(edges, first, 0, a);
    for (let looks = 0; looks < 7; looks++) {
      doubted(edges, first, 0, b, 1);
      edges.look(edges.doubt, true);
    }
    const callees = Array.from({ length: 3000 }, (_, i) => program.add(`f${i}`));
    const caller = program.add(
      'main',
      callees.map((_, i) => ({ calls: `f${i}` })),
    );
    for (let round = 0; round < 2; round++) {
      callees.forEach((callee, i) => {
        believed(edges, caller, i, callee);
        assert(edges.isByName && edges.isCalledByName(callee));
      });
    }
    callees.forEach((callee, i) => doubted(edges, caller, (i + 7) % callees.length, callee, i));
    for (let seen = 0; seen < 10; seen++) believed(edges, first, 1, b);
    doubted(edges, caller, 2999, b, broken); // that position is known to call what it names
    const decorating = program.add('decorating', [{ calls: null }]);
    for (let seen = 0; seen < 14; seen++) believed(edges, decorating, 0, wrapper);
    for (let seen = 0; seen < 60; seen++) believed(edges, caller, 2990, callees[2990]!);
    doubted(edges, caller, 2990, wrapper, broken); // and this one to call it often
    const last = callees.at(-1)!;
    for (let looks = 0; looks < 8; looks++) {
      doubted(edges, caller, 100, last, 2999);
      edges.look(edges.doubt, true);
    }
    believed(edges, caller, 100, last);
    doubted(edges, first, 0, b, 1);
    assert(edges.look(edges.doubt, true), 'the eighth look');
    believed(edges, first, 0, b);
    believed(edges, first, 0, a);
  });
});
