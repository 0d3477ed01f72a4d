import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { debugOffsetsLength, parseDebugOffsets } from '../../../native/cpython/debugOffsets.ts';
import { layoutFromDebugOffsets, tabulatedLayout } from '../../../native/cpython/layout.ts';
import { locateInterpreter } from '../../../native/cpython/locate.ts';
import { readPointer } from '../../../native/cpython/strings.ts';
import { readThreadNames } from '../../../native/cpython/threadNames.ts';
import { MemoryRecorder } from '../../../native/memory/recorded.ts';
import { openSystem } from '../../../native/os/index.ts';
import { since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';

const script = path.join(import.meta.dirname, '..', 'targets', 'threadNames.py');
/** Where to write what was read, as fixtures for native/cpython/threadNames.test.ts. */
const recordings = process.env['HEATLINE_RECORD'];

describe('thread names', () => {
  for (const interpreter of since(3, 11)) {
    it(`are those that ${title(interpreter)} says`, async () => {
      await using target = await startTarget(interpreter, script);
      const system = await openSystem();
      const memory = system.openMemory(target.pid);
      const location = locateInterpreter(system, memory, target.pid);
      const recorder = new MemoryRecorder(memory);

      const table = new Uint8Array(debugOffsetsLength);
      if (location.hasDebugOffsets) recorder.read(location.runtimeAddress, table, 0, table.length);
      const layout = location.hasDebugOffsets ? layoutFromDebugOffsets(parseDebugOffsets(table), 8) : tabulatedLayout(interpreter.minor)!;
      const interpreterState = readPointer(recorder, location.runtimeAddress + layout.runtime.interpretersHead);
      const names = readThreadNames(recorder, interpreterState, layout);

      const expected = Object.fromEntries(
        Object.entries(target.ready as Record<string, string>).map(([id, name]) => [
          id,
          name.length > 256 ? `${name.slice(0, 256)}…` : name,
        ]),
      );
      assert.equal(Object.keys(expected).length, 42);
      assert.deepEqual(Object.fromEntries(names ?? []), expected);
      if (recordings !== undefined) {
        const version = `${interpreter.version}${interpreter.freeThreaded ? 't' : ''}`;
        const recording = { version, runtimeAddress: location.runtimeAddress, names: expected, memory: recorder.recording.toText() };
        fs.writeFileSync(path.join(recordings, `threadNames-${version}.json`), JSON.stringify(recording));
      }
    });
  }
});
