import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { measuredOffsets, tableBytes } from '../sampler/testing/freeThreadedProgram.ts';
import { type Recording, recordings } from '../sampler/testing/recordedTarget.ts';
import { type DebugOffsets, DebugOffsetsError, debugOffsetsLength, hasDebugOffsets, parseDebugOffsets } from './debugOffsets.ts';
import { layoutFromDebugOffsets } from './layout.ts';
import { objectLayout } from './objectLayout.ts';

const withTable = recordings.filter(({ version }) => Number(version.split('.')[1]) >= 13);

function tableOf(recording: Recording): Uint8Array {
  const bytes = new Uint8Array(debugOffsetsLength);
  assert(RecordedMemory.fromText(recording.memory).read(recording.runtimeAddress, bytes, 0, bytes.length));
  return bytes;
}

/** @returns what is wrong with the table, or the offsets */
function parsed(bytes: Uint8Array): DebugOffsets | string {
  try {
    return parseDebugOffsets(bytes);
  } catch (error) {
    if (error instanceof DebugOffsetsError) return error.message;
    throw error;
  }
}

function refusal(bytes: Uint8Array): string {
  const result = parsed(bytes);
  return typeof result === 'string' ? result : '';
}

function changed(bytes: Uint8Array, at: number, value: bigint): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setBigUint64(at, value, true);
  return copy;
}

/** Where the part of the table that a sampler needs ends. */
function endOfUsed(bytes: Uint8Array): number {
  return 24 + 8 * [...parseDebugOffsets(bytes).fields.keys()].filter((name) => !name.startsWith('debugger_support.')).length;
}

/** The table as it would be without one of its words, all behind it moved up. */
function withoutWord(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy.copyWithin(at, at + 8);
  return copy;
}

/** The table as it would be with one word more. */
function withWord(bytes: Uint8Array, at: number, value: bigint): Uint8Array {
  const copy = bytes.slice();
  copy.copyWithin(at + 8, at);
  return changed(copy, at, value);
}

describe('parseDebugOffsets', () => {
  it('has recorded tables of 3.13, 3.14 and 3.15', () => {
    assert.deepEqual(
      withTable.map(({ version }) => version.split('.')[1]),
      ['13', '13', '14', '15'],
    );
  });

  it('reads members of free-threaded builds where offsetof() over the headers has them', () => {
    for (const version of ['3.13.0t', '3.14.10t', '3.15.2t'] as const) {
      const measured = measuredOffsets(version);
      const { offsetof } = measured;
      const layout = layoutFromDebugOffsets(parseDebugOffsets(tableBytes(measured)), 8);
      const { gil, threadState, code, generator, interpreter, frame } = layout;
      assert.deepEqual(gil, {
        enabled: offsetof['_gil_runtime_state.enabled'],
        lastHolder: offsetof['_gil_runtime_state.last_holder'],
        locked: offsetof['_gil_runtime_state.locked'],
        switchNumber: offsetof['_gil_runtime_state.switch_number'],
      });
      assert.deepEqual(
        [threadState.attached, threadState.dataStackTop],
        [offsetof['PyThreadState.state'], offsetof['PyThreadState.datastack_top']],
      );
      assert.deepEqual(
        [code.flags, code.localsPlusCount, code.stackSize],
        [offsetof['PyCodeObject.co_flags'], offsetof['PyCodeObject.co_nlocalsplus'], offsetof['PyCodeObject.co_stacksize']],
      );
      assert.equal(generator.frame, offsetof['PyGenObject.gi_iframe']);
      assert.equal(frame.stackTop, offsetof['_PyInterpreterFrame.stacktop'] ?? -1);
      const { typeObject } = objectLayout(layout)!;
      assert.deepEqual(
        [typeObject.flags, typeObject.cachedKeys],
        [offsetof['PyTypeObject.tp_flags'], offsetof['PyHeapTypeObject.ht_cached_keys']],
      );
      const hasCopies = version !== '3.13.0t';
      for (const member of [code.bytecodeCopies, frame.bytecodeCopy, interpreter.bytecodeCopiesGeneration])
        assert.equal(member !== undefined, hasCopies);
    }
  });

  const ofBuilds = [
    ...withTable.map((recording) => ({
      version: recording.version,
      table: tableOf(recording),
      freeThreaded: recording.version.endsWith('t'),
    })),
    ...(['3.13.0t', '3.14.10t', '3.15.2t'] as const).map((version) => ({
      version,
      table: tableBytes(measuredOffsets(version)),
      freeThreaded: true,
    })),
  ];
  for (const { version: versionName, table, freeThreaded } of ofBuilds) {
    const minor = Number(versionName.split('.')[1]);
    const more = freeThreaded ? 16 : 0;

    describe(`the table of Python ${versionName}`, () => {
      const finalVersion = BigInt(parseDebugOffsets(table).version);

      it('says its version and the members that a sampler needs', () => {
        const offsets = parseDebugOffsets(table);
        assert.equal((offsets.version >>> 16) & 255, minor);
        assert.equal(offsets.freeThreaded, freeThreaded);
        // offsetof() over the headers, members that moved between versions.
        const { fields } = offsets;
        assert.equal(fields.get('interpreter_frame.owner'), minor === 13 ? 70 : freeThreaded ? 78 : 74);
        assert.equal(fields.get('interpreter_frame.localsplus'), minor === 13 ? 72 : 80);
        assert.equal(fields.get('interpreter_frame.stackpointer'), minor === 13 ? undefined : 64);
        assert.equal(fields.get('code_object.qualname'), 128 + more);
        assert.equal(fields.get('unicode_object.asciiobject_size'), 40 + more);
      });

      it('gives a layout whose members lie inside their structures', () => {
        const layout = layoutFromDebugOffsets(parseDebugOffsets(table), 8);
        assert.equal(layout.minor, minor);
        assert.equal(layout.frame.stackTop >= 0, minor === 13);
        assert.equal(layout.frame.stackPointer >= 0, minor > 13);
        assert.equal(layout.interpreter.codeObjectGeneration >= 0, minor > 13);
        assert(layout.threadState.dataStackTop > layout.threadState.dataStackChunk);
        for (const offset of Object.values(layout.code)) assert(offset >= 0 && offset <= layout.code.size);
      });

      it('is refused when a member lies outside its structure, or a size is nonsense', () => {
        const { fields } = parseDebugOffsets(table);
        let at = 24;
        for (const [name] of fields) {
          assert.equal(typeof parsed(changed(table, at, 1n << 40n)), 'string', name);
          assert.equal(typeof parsed(changed(table, at, (1n << 64n) - 1n)), 'string', name);
          if (name.endsWith('.size')) {
            assert.equal(typeof parsed(changed(table, at, 0n)), 'string', name);
            assert.equal(typeof parsed(changed(table, at, 1n << 31n)), 'string', name);
          } else if (!name.startsWith('debugger_support.') && !name.startsWith('llist_node.') && !name.endsWith('_size')) {
            const size = fields.get(`${name.split('.')[0]}.size`);
            if (size !== undefined) assert.equal(typeof parsed(changed(table, at, BigInt(size))), 'string', name);
          }
          at += 8;
        }
      });

      it('is refused when it is cut off, has no cookie, or is of another version', () => {
        for (let length = 0; length < table.length; length += 61) {
          const short = table.subarray(0, length);
          const needed = 24 + 8 * parseDebugOffsets(table).fields.size;
          if (length < needed) assert.equal(typeof parsed(short), 'string', String(length));
        }
        for (let at = 0; at < 8; at++) {
          const broken = table.slice();
          broken[at]! ^= 1;
          assert.equal(hasDebugOffsets(broken), false);
          assert.equal(typeof parsed(broken), 'string');
        }
        for (const version of [0x030c01f0n, 0x040e00f0n, 0x020712f0n, 0n, 0xffff_ffffn, 1n << 33n]) {
          assert.equal(typeof parsed(changed(table, 8, version)), 'string', version.toString(16));
        }
      });

      it('is refused when it is of the other kind of build than it says, or of none', () => {
        assert.equal(typeof parsed(changed(table, 16, freeThreaded ? 0n : 1n)), 'string');
        for (const kind of [2n, 255n, 1n << 32n]) assert.equal(typeof parsed(changed(table, 16, kind)), 'string');
      });

      it('is taken for a candidate’s', () => {
        assert.equal(typeof parsed(changed(table, 8, (finalVersion & ~0xffn) | 0xc2n)), 'object');
      });

      it('is taken for an alpha’s or beta’s that has the same fields, and refused with the reason when one is missing or new', () => {
        for (const level of [0xa1n, 0xb4n]) {
          const early = changed(table, 8, (finalVersion & ~0xffn) | level);
          assert.equal(typeof parsed(early), 'object');
          // Any field, as 3.15.0b4 inserted thread_state.last_profiled_frame_seq.
          for (let at = 24; at + 8 < endOfUsed(table); at += 8) {
            assert.match(
              refusal(withoutWord(early, at)),
              /is a pre-release, and its memory is laid out otherwise/,
              `without the field at ${at}`,
            );
            assert.match(
              refusal(withWord(early, at, 96n)),
              /is a pre-release, and its memory is laid out otherwise/,
              `with a field more at ${at}`,
            );
          }
        }
      });
      it('gives offsets or an error whatever is in it', () => {
        const edit = fc.tuple(
          fc.nat(debugOffsetsLength / 8 - 1),
          fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(1 << 16).map(BigInt)),
        );
        fc.assert(
          fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), (edits) => {
            const result = parsed(edits.reduce((bytes, [word, value]) => changed(bytes, word * 8, value), table));
            if (typeof result === 'string') return;
            layoutFromDebugOffsets(result, 8);
            for (const value of result.fields.values()) assert(Number.isSafeInteger(value) && value >= 0);
          }),
          { numRuns: rounds(300) },
        );
      });
    });
  }

  it('takes the table of a newer version only if it reads like the newest one known', () => {
    const newest = tableOf(withTable.at(-1)!);
    const newer = changed(newest, 8, 0x031002f0n);
    assert.deepEqual(parseDebugOffsets(newer).fields, parseDebugOffsets(newest).fields);
    assert.equal(parseDebugOffsets(newer).version, 0x031002f0);
    for (let at = 24; at + 8 < endOfUsed(newest); at += 8) {
      assert.match(
        refusal(withoutWord(newer, at)),
        /^Python 3\.16\.2 is newer than this Heatline, and its memory is laid out otherwise than 3\.15’s \(/,
      );
      assert.match(refusal(withWord(newer, at, 128n)), /^Python 3\.16\.2 is newer than this Heatline/);
    }
    assert.match(refusal(changed(tableOf(withTable.at(-2)!), 8, 0x031000f0n)), /newer than this Heatline/, 'an older list of fields');
    assert.match(refusal(changed(new Uint8Array(debugOffsetsLength).fill(8), 8, 0x031000f0n)), /no cookie/);
  });
});
