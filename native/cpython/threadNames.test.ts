import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import type { Memory } from '../memory/memory.ts';
import { RecordedMemory } from '../memory/recorded.ts';
import { debugOffsetsLength, parseDebugOffsets } from './debugOffsets.ts';
import { type Layout, layoutFromDebugOffsets, tabulatedLayout } from './layout.ts';
import { objectLayout } from './objectLayout.ts';
import { dictItem, dictItems, instanceAttribute, readInt } from './objects.ts';
import { readPointer } from './strings.ts';
import { readThreadNames } from './threadNames.ts';

/** Written by test/integration/native/threadNames.test.ts (HEATLINE_RECORD) from a real process. */
interface Recording {
  readonly version: string;
  readonly runtimeAddress: number;
  readonly names: Readonly<Record<string, string>>;
  readonly memory: string;
}

const folder = path.join(import.meta.dirname, 'fixtures');
const recordings = readdirSync(folder)
  .filter((name) => name.startsWith('threadNames-'))
  .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Recording);

function open(recording: Recording): { memory: RecordedMemory; layout: Layout; interpreter: number } {
  const memory = RecordedMemory.fromText(recording.memory);
  const minor = Number(recording.version.split('.')[1]);
  const table = new Uint8Array(debugOffsetsLength);
  const layout = memory.read(recording.runtimeAddress, table, 0, table.length)
    ? layoutFromDebugOffsets(parseDebugOffsets(table), 8)
    : tabulatedLayout(minor)!;
  return { memory, layout, interpreter: readPointer(memory, recording.runtimeAddress + layout.runtime.interpretersHead) };
}

describe('readThreadNames', () => {
  it('has recordings of every version with its own objects', () => {
    assert.deepEqual(recordings.map((recording) => recording.version.split('.')[1]).sort(), ['11', '12', '13', '13', '14', '15']);
  });

  for (const recording of recordings) {
    describe(`in a recorded Python ${recording.version}`, () => {
      const { memory, layout, interpreter } = open(recording);

      it('reads them all', () => {
        const names = readThreadNames(memory, interpreter, layout);
        assert.deepEqual(Object.fromEntries(names ?? []), recording.names);
      });

      it('ends, with no more than it may read, whatever is changed under it', () => {
        const spans = [...memory.spans()];
        const edit = fc.record({
          span: fc.nat(spans.length - 1),
          at: fc.nat(8192),
          value: fc.oneof(fc.constantFrom(0, 1, 0xff, 0x7f), fc.nat(255)),
        });
        fc.assert(
          fc.property(fc.array(edit, { minLength: 1, maxLength: 40 }), (edits) => {
            const { memory: changed } = open(recording);
            for (const { span, at, value } of edits) {
              const { address, bytes } = spans[span]!;
              changed.put(address + (at % bytes.length), Uint8Array.of(value));
            }
            const names = readThreadNames(changed, interpreter, layout);
            for (const name of names?.values() ?? []) assert.ok(name.length <= 257 * 2);
          }),
          { numRuns: rounds(100) },
        );
      });

      it('is null where there is nothing to read', () => {
        assert.equal(readThreadNames(new RecordedMemory(), interpreter, layout), null);
        assert.equal(readThreadNames(memory, 0, layout), null);
        assert.equal(readThreadNames(memory, NaN, layout), null);
      });

      it('takes any bytes for objects', () => {
        const objects = objectLayout(layout)!;
        fc.assert(
          fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), (pattern) => {
            const noise = new Noise(pattern);
            readThreadNames(noise, 0x1000, layout);
            readInt(noise, 0x1000, objects);
            dictItem(noise, 0x1000, '_name', objects);
            dictItems(noise, 0x1000, 1000, objects);
            instanceAttribute(noise, 0x1000, '_name', objects);
          }),
          { numRuns: rounds(300) },
        );
      });
    });
  }
});

/** Memory where every address can be read and pointers lead to more of the same. */
class Noise implements Memory {
  private readonly pattern: Uint8Array;

  constructor(pattern: Uint8Array) {
    this.pattern = pattern;
  }

  read(address: number, target: Uint8Array, offset: number, length: number): boolean {
    for (let i = 0; i < length; i++) target[offset + i] = this.pattern[(address + i) % this.pattern.length]!;
    return true;
  }

  readSpans(plan: { readonly count: number; readonly addresses: Float64Array; readonly lengths: Uint32Array }, target: Uint8Array): number {
    let done = 0;
    for (let i = 0; i < plan.count; i++) {
      this.read(plan.addresses[i]!, target, done, plan.lengths[i]!);
      done += plan.lengths[i]!;
    }
    return done;
  }

  close(): void {
    // Nothing to release.
  }
}
