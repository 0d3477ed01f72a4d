import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { locateInterpreter } from '../../../native/cpython/locate.ts';
import { ThreadIds } from '../../../native/cpython/threadIds.ts';
import { MemoryRecorder, type RecordedMemory } from '../../../native/memory/recorded.ts';
import { openTarget } from '../../../native/openTarget.ts';
import { openSystem } from '../../../native/os/index.ts';
import { frameText, HandSampler } from '../../../native/sampler/testing/handSampler.ts';
import { type HeapRecording, recordedHeapTarget } from '../../../native/sampler/testing/recordedHeap.ts';
import { asProcess, recordingsFolder } from '../../../native/sampler/testing/recordedTarget.ts';
import type { Interpreter } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { allWait } from '../stops.ts';
import { legacy, title } from './legacy.ts';

const script = path.join(import.meta.dirname, 'targets', 'recorded.py');
const run = "exec(compile(open(__import__('sys').argv[1]).read(), 'recorded.py', 'exec'))";
/** One of each kind of frame objects: 2.7, 3.8 (3.4–3.9), 3.10. */
const kept: ReadonlySet<string> = new Set(['2.7', '3.8', '3.10']);
const descriptorSymbol = '_thread_db_pthread_tid';

describe('Recordings of memory, to Python 3.10', () => {
  for (const interpreter of legacy) {
    it(`of ${title(interpreter)} give the stacks of the process`, async () => {
      const recording = await record(interpreter);
      assert.deepEqual(stacksOf(recording), recording.stacks);
      assert.equal(Object.keys(recording.stacks).length, 2);
      // HEATLINE_RECORD=1 writes what unit tests of native/sampler read.
      if (process.env['HEATLINE_RECORD'] !== undefined && kept.has(`${interpreter.major}.${interpreter.minor}`)) {
        fs.writeFileSync(path.join(recordingsFolder, `heap-${interpreter.version}.json`), `${JSON.stringify(recording, null, 1)}\n`);
      }
    }).timeout(30_000);
  }
});

async function record(interpreter: Interpreter): Promise<HeapRecording> {
  await using process_ = await startTarget(interpreter, script, { interpreterOptions: ['-S', '-E', '-c', run] });
  await allWait(process_.pid);
  const said = process_.ready as unknown as Record<string, [string, string, number, number][]>;
  const stacks = Object.fromEntries(
    Object.entries(said).map(([ident, frames]) => [
      ident,
      frames.map(([name, file, line, firstLine]) => frameText({ name, file, line, firstLine })),
    ]),
  );
  const system = await openSystem();
  const target = openTarget(system, process_.pid);
  const recorder = new MemoryRecorder(target.memory);
  try {
    const threadIdDescriptor = locateInterpreter(system, target.memory, process_.pid, [descriptorSymbol]).symbols.get(descriptorSymbol)!;
    const hand = new HandSampler({
      ...target,
      memory: asProcess(recorder),
      threadIds: new ThreadIds(recorder, threadIdDescriptor, () => []),
    });
    assert(hand.sampler.enumerate());
    hand.tick(4);
    // A little more around everything, for samplers to come that look at one more member.
    for (const { address, bytes } of [...recorder.recording.spans()])
      recorder.read(address, new Uint8Array(bytes.length + 64), 0, bytes.length + 64);
    const { runtimeAddress, codeType, pythonVersion, currentThreadAddress, collectingAddress } = target;
    return {
      version: pythonVersion,
      runtimeAddress,
      codeType,
      currentThreadAddress,
      collectingAddress,
      threadIdDescriptor,
      stacks,
      memory: withoutForeignText(recorder.recording).toText(),
    };
  } finally {
    target.close();
  }
}

/** Frames were read with the pages around them, in which anything of this machine may lie: text that is not the script’s is blotted out, if it is
 * longer than an address, all of whose bytes may be letters, too.
 */
function withoutForeignText(recorded: RecordedMemory): RecordedMemory {
  const own = `${fs.readFileSync(script, 'utf8')} <module> <lambda> <genexpr> <string> ${run}`;
  for (const { address, bytes } of [...recorded.spans()]) {
    const text = Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(/[ -~\s]{9,}/g, (found) => (own.includes(found) ? found : '\0'.repeat(found.length)));
    recorded.put(address, Buffer.from(text, 'latin1'));
  }
  return recorded;
}

function stacksOf(recording: HeapRecording): HeapRecording['stacks'] {
  const hand = new HandSampler(recordedHeapTarget(recording));
  assert(hand.sampler.enumerate());
  const runs = hand.tick(3);
  return Object.fromEntries(
    [...runs.threads].map((thread, run) => [hand.threads[thread]!.pythonThreadId, hand.framesOf(runs.stacks[run]!).map(frameText)]),
  );
}
