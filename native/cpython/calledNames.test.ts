import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCalledNames } from './calledNames.ts';
import { Locations } from './locations.ts';
import { opcodeNames } from './opcodeNames.ts';
import { opcodesOf } from './opcodes.ts';
import { anyBytes, encode, type Entry } from './testing/locationTable.ts';

/** An instruction as a test states it. */
interface Instruction {
  readonly opcode: string;
  /** Of a name: it is an operand by its number in `co_names`. */
  readonly name?: string;
  readonly operand?: number;
  /** Where its source begins; absent: it has no location. */
  readonly column?: number;
  readonly line?: number;
}

const minors = [11, 12, 13, 14, 15];
/** Names before those of a test, so that no number of one is 0. */
const otherNames = ['unused', 'never'];

/** What a version's compiler makes of an expression's parts. `column`: where the source of the part begins. */
function compilerOf(minor: number): Record<
  'global' | 'method' | 'attribute',
  (name: string, column: number, line?: number) => Instruction
> & {
  call: (column: number, line?: number) => Instruction[];
} {
  return {
    global: (name, column, line = 1) => ({ opcode: 'LOAD_GLOBAL', name, column, line }),
    method: (name, column, line = 1) => ({ opcode: minor === 11 ? 'LOAD_METHOD' : 'LOAD_ATTR', name, column, line }),
    attribute: (name, column, line = 1) => ({ opcode: 'LOAD_ATTR', name, column, line }),
    call: (column, line = 1) => [...(minor === 11 ? [{ opcode: 'PRECALL', column, line }] : []), { opcode: 'CALL', column, line }],
  };
}

/** How far left of its other bits the number of a name is in an operand. */
function nameShift(opcode: string, minor: number): number {
  const plain = opcode.replace('INSTRUMENTED_', '');
  if (plain.startsWith('LOAD_SUPER_ATTR')) return 2;
  return plain.startsWith('LOAD_GLOBAL') || (plain.startsWith('LOAD_ATTR') && minor >= 12) ? 1 : 0;
}

/**
 * @param otherBits of operands that have a name's number
 * @returns for each found unit its opcode and name, or −1 as it is, whether it iterates, and the names of what it takes
 */
function find(minor: number, instructions: readonly Instruction[], otherBits = 0): string[] {
  const opcodes = opcodesOf(minor);
  const names = [...new Set([...otherNames, ...instructions.flatMap(({ name }) => name ?? [])])];
  const bytes: number[] = [];
  const entries: Entry[] = [];
  const opcodeAt = new Map<number, string>();
  let last = 0;
  for (const { opcode, name, operand, column, line = 1 } of instructions) {
    const number = opcodeNames(minor).indexOf(opcode);
    assert(number >= 0, `no ${opcode} in 3.${minor}`);
    const shift = nameShift(opcode, minor);
    opcodeAt.set(bytes.length / 2, opcode);
    bytes.push(number, operand ?? (name === undefined ? 0 : (names.indexOf(name) << shift) | (otherBits & ((1 << shift) - 1))));
    // Caches that look like calls.
    for (let i = 0; i < opcodes.cacheEntries[number]!; i++) bytes.push(opcodeNames(minor).indexOf('CALL'), 0);
    for (let units = 1 + opcodes.cacheEntries[number]!; units > 0; units -= 8) {
      entries.push({
        units: Math.min(8, units),
        kind: column === undefined ? 15 : 14,
        delta: line - last,
        columns: [0, (column ?? 0) + 1, (column ?? 0) + 2],
      });
      if (column !== undefined) last = line;
    }
  }
  const locations = new Locations(encode(entries), 0, bytes.length / 2);
  const nameOf = (index: number): string => names[index] ?? String(index);
  return findCalledNames(Uint8Array.from(bytes), locations, opcodes, minor).map(
    ({ unit, nameIndex, iterates, takes }) =>
      `${opcodeAt.get(unit)} ${nameOf(nameIndex)}${iterates ? ' iterates' : ''}${takes.length > 0 ? ` takes ${takes.map(nameOf).join()}` : ''}`,
  );
}

describe('findCalledNames', () => {
  for (const minor of minors) {
    describe(`of 3.${minor}`, () => {
      const { global, method, attribute, call } = compilerOf(minor);
      /** A method that is got is found, too, as an attribute that may be a property. */
      const got = (name: string): string[] => (minor === 11 ? [] : [`LOAD_ATTR ${name}`]);

      it('names nested calls by where their callables begin: a(b(1))', () => {
        const code = [global('a', 0), global('b', 2), { opcode: 'LOAD_CONST', column: 4 }, ...call(2), ...call(0)];
        for (const otherBits of [0, 1]) assert.deepEqual(find(minor, code, otherBits), ['CALL b', 'CALL a takes b']);
      });

      it('names methods: a.b(c)', () => {
        const code = [global('a', 0), method('b', 0), global('c', 4), ...call(0)];
        for (const otherBits of [0, 1]) assert.deepEqual(find(minor, code, otherBits), [...got('b'), 'CALL b']);
      });

      it('names methods on a line of their own, which begins their call', () => {
        const code = [global('a', 0, 1), method('b', 3, 2), global('c', 5, 2), ...call(3, 2), method('d', 1, 3), ...call(1, 3)];
        assert.deepEqual(find(minor, code), [...got('b'), 'CALL b', ...got('d'), 'CALL d']);
      });

      it('tells equal columns of other lines apart', () => {
        assert.deepEqual(find(minor, [global('a', 0, 1), global('b', 0, 2), ...call(0, 2), ...call(0, 1)]), ['CALL b', 'CALL a takes b']);
      });

      it('has no name for what an operator returned: a[0]()', () => {
        const subscript = minor >= 14 ? 'BINARY_OP' : 'BINARY_SUBSCR';
        assert.deepEqual(find(minor, [global('a', 0), { opcode: 'LOAD_CONST', column: 2 }, { opcode: subscript, column: 0 }, ...call(0)]), [
          'CALL -1',
        ]);
      });

      it('has no name for what a call returned, nor for the call of a local variable', () => {
        assert.deepEqual(
          find(minor, [global('f', 0), global('x', 2), ...call(0), global('y', 5), ...call(0)]),
          ['CALL f', 'CALL -1'],
          'f(x)(y)',
        );
        assert.deepEqual(
          find(minor, [global('f', 0), ...call(0), { opcode: 'LOAD_FAST', column: 0 }, ...call(0)]),
          ['CALL f', 'CALL -1'],
          'f(); local()',
        );
      });

      it('has no name for the exit of a with statement, which has the range of the call that it manages, and takes nothing of its body', () => {
        const enter: Instruction = { opcode: minor >= 14 ? 'LOAD_SPECIAL' : 'BEFORE_WITH', column: 5 };
        const nothing: Instruction = { opcode: 'LOAD_CONST', column: 5 };
        const code = [global('f', 5), ...call(5), enter, global('g', 9), ...call(9), nothing, nothing, nothing, ...call(5)];
        assert.deepEqual(find(minor, code), ['CALL f', 'CALL g', 'CALL -1']);
      });

      it('keeps the name where arguments are collected for * and **', () => {
        const collect = [
          { opcode: 'BUILD_LIST', column: 0 },
          { opcode: 'LOAD_FAST', column: 3 },
          { opcode: 'LIST_EXTEND', operand: 1, column: 0 },
        ];
        const keywords = [
          { opcode: minor === 11 ? 'LIST_TO_TUPLE' : 'CALL_INTRINSIC_1', column: 0 },
          { opcode: 'BUILD_MAP', column: 0 },
          { opcode: 'LOAD_FAST', column: 9 },
          { opcode: 'DICT_MERGE', operand: 1, column: 0 },
        ];
        assert.deepEqual(find(minor, [global('f', 0), ...collect, ...keywords, { opcode: 'CALL_FUNCTION_EX', operand: 1, column: 0 }]), [
          'CALL_FUNCTION_EX f',
        ]);
      });

      it('reads operands of more than a byte', () => {
        const numbers = (opcode: string, index: number): Instruction[] => {
          const operand = index << nameShift(opcode, minor);
          return [
            { opcode: 'EXTENDED_ARG', operand: operand >>> 16, column: 0 },
            { opcode: 'EXTENDED_ARG', operand: (operand >>> 8) & 255, column: 0 },
            { opcode, operand: operand & 255, column: 0 },
          ];
        };
        const code = [...numbers('LOAD_GLOBAL', 70_000), ...call(0), ...numbers('LOAD_ATTR', 300), global('a', 4), ...call(4)];
        assert.deepEqual(
          find(minor, code),
          ['CALL 70000', 'LOAD_ATTR 300', 'CALL a'],
          'and the next instruction has no extension any more',
        );
      });

      it('finds attributes by their names, without columns, too', () => {
        assert.deepEqual(find(minor, [{ opcode: 'LOAD_FAST' }, { opcode: 'LOAD_ATTR', name: 'x' }, attribute('y', 3)]), [
          'LOAD_ATTR x',
          'LOAD_ATTR y',
        ]);
      });

      it('has no names of calls without columns', () => {
        const code = [global('a', 0), global('b', 0), ...call(0), ...call(0)].map(({ opcode, name }) => ({
          opcode,
          ...(name === undefined ? {} : { name }),
        }));
        assert.deepEqual(find(minor, code), ['CALL -1', 'CALL -1']);
      });

      it('says what is iterated over or awaited', () => {
        for (const [getter, iterator] of [
          ['GET_ITER', 'FOR_ITER'],
          ['GET_YIELD_FROM_ITER', 'SEND'],
          ['GET_AWAITABLE', 'SEND'],
        ] as const) {
          if (!opcodeNames(minor).includes(getter)) continue; // 3.15 has no GET_YIELD_FROM_ITER
          const sent: Instruction[] = iterator === 'SEND' ? [{ opcode: 'LOAD_CONST', column: 0 }] : [];
          const code = [
            global('f', 4),
            ...call(4),
            { opcode: getter, column: 4 },
            ...sent,
            { opcode: iterator, column: 4 },
            { opcode: 'STORE_FAST', column: 0 },
            { opcode: iterator, column: 4 },
          ];
          assert.deepEqual(find(minor, code), ['CALL f', `${iterator} f iterates`, `${iterator} -1 iterates`], getter);
          const again = [...code.slice(0, -2), { opcode: iterator, column: 4 }];
          assert.deepEqual(find(minor, again).slice(-2), [`${iterator} f iterates`, `${iterator} -1 iterates`], 'at once');
          const kept = [
            global('f', 4),
            ...call(4),
            { opcode: getter, column: 4 },
            { opcode: 'STORE_FAST', column: 0 },
            { opcode: iterator, column: 4 },
          ];
          assert.deepEqual(find(minor, kept), ['CALL f', `${iterator} -1 iterates`], 'something else, for all that is known');
        }
      });

      it('iterates over what a call returned, not over a tuple of it', () => {
        const rest = [
          { opcode: 'GET_ITER', column: 9 },
          { opcode: 'FOR_ITER', column: 9 },
        ];
        for (const [count, name] of [
          [0, 'f'],
          [1, '-1'],
          [2, '-1'],
        ] as const) {
          const code = [
            global('f', 9),
            ...call(9),
            { opcode: count === 0 ? 'BUILD_LIST' : 'BUILD_TUPLE', operand: count, column: 8 },
            ...rest,
          ];
          assert.deepEqual(find(minor, code), ['CALL f', `FOR_ITER ${name} iterates`], `of ${count}`);
        }
        const attributeOfIt = [global('f', 9), ...call(9), attribute('x', 9), ...rest];
        assert.deepEqual(find(minor, attributeOfIt), ['CALL f', 'LOAD_ATTR x', 'FOR_ITER -1 iterates']);
      });

      it('says what calls take: list(generate(f()))', () => {
        const code = [
          global('g', 0),
          ...call(0),
          global('list', 9),
          global('generate', 14),
          global('f', 23),
          ...call(23),
          ...call(14),
          ...call(9),
        ];
        assert.deepEqual(find(minor, code), ['CALL g', 'CALL f', 'CALL generate takes f', 'CALL list takes f,generate']);
        const many = Array.from({ length: 20 }, (_, i) => [global(`f${i}`, 20 + 10 * i), ...call(20 + 10 * i)]).flat();
        const last = Array.from({ length: 16 }, (_, i) => `f${i + 4}`).join();
        assert.equal(find(minor, [global('list', 9), ...many, ...call(9)]).at(-1), `CALL list takes ${last}`, 'the last ones of very many');
      });

      it('takes what a comprehension among the arguments calls, once', () => {
        const comprehension = [
          global('f', 20),
          ...call(20),
          { opcode: 'GET_ITER', column: 20 },
          { opcode: 'BUILD_LIST', column: 8 },
          { opcode: 'FOR_ITER', column: 20 },
        ];
        assert.deepEqual(find(minor, [global('list', 0), ...comprehension, ...call(0)]), [
          'CALL f',
          'FOR_ITER f iterates',
          'CALL list takes f',
        ]);
      });

      it('takes none of what a method was got from: f().a(g())', () => {
        const code = [global('f', 0), ...call(0), method('a', 0), global('g', 6), ...call(6), ...call(0)];
        assert.deepEqual(find(minor, code), ['CALL f', ...got('a'), 'CALL g', 'CALL a takes g']);
      });

      it('takes specialised instructions for what they specialise', () => {
        const specialized: Instruction = { opcode: minor === 11 ? 'CALL_PY_EXACT_ARGS' : 'CALL_PY_WITH_DEFAULTS', column: 0 };
        const calling = minor <= 12 ? specialized : { ...specialized, opcode: 'CALL_PY_GENERAL' };
        assert.deepEqual(find(minor, [{ opcode: 'LOAD_GLOBAL_MODULE', name: 'f', column: 0 }, calling]), [`${calling.opcode} f`]);
        assert.deepEqual(find(minor, [{ opcode: 'LOAD_ATTR_MODULE', name: 'x', column: 0 }]), ['LOAD_ATTR_MODULE x']);
        const iterator = minor === 11 ? 'FOR_ITER' : 'FOR_ITER_GEN';
        const code = [global('f', 4), ...call(4), { opcode: 'GET_ITER', column: 4 }, { opcode: iterator, column: 4 }];
        assert.deepEqual(find(minor, code), ['CALL f', `${iterator} f iterates`]);
      });

      it('never throws, and has units and names that can be, whatever the bytes', () => {
        fc.assert(
          fc.property(anyBytes, anyBytes, (bytecode, table) => {
            const units = bytecode.length >> 1;
            let last = -1;
            for (const { unit, nameIndex, takes } of findCalledNames(bytecode, new Locations(table, 1, units), opcodesOf(minor), minor)) {
              assert(unit > last && unit < units);
              last = unit;
              assert(nameIndex >= -1 && nameIndex <= 1 << 20);
              assert(takes.length <= 16 && takes.every((one) => one >= 0));
            }
          }),
        );
      });
    });

    if (minor > 11) {
      it(`takes instrumented instructions of 3.${minor} for what they watch`, () => {
        const { global } = compilerOf(minor);
        const code = [
          global('f', 4),
          { opcode: 'INSTRUMENTED_CALL', column: 4 },
          { opcode: 'GET_ITER', column: 4 },
          { opcode: 'INSTRUMENTED_FOR_ITER', column: 4 },
        ];
        assert.deepEqual(find(minor, code), ['INSTRUMENTED_CALL f', 'INSTRUMENTED_FOR_ITER f iterates']);
        const method = [
          { opcode: 'LOAD_FAST', column: 6 },
          { opcode: 'INSTRUMENTED_LOAD_SUPER_ATTR', name: 'run', column: 0 },
          { opcode: 'INSTRUMENTED_CALL', column: 0 },
        ];
        assert.deepEqual(find(minor, method, 3), ['INSTRUMENTED_CALL run'], 'super().run()');
      });
    }
  }

  it('finds nothing in code of an unknown version', () => {
    assert.deepEqual(findCalledNames(new Uint8Array(200).fill(53), new Locations(new Uint8Array(0), 1, 100), opcodesOf(99), 99), []);
  });
});
