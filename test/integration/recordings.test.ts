import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { MemoryRecorder } from '../../native/memory/recorded.ts';
import { openTarget } from '../../native/openTarget.ts';
import { openSystem } from '../../native/os/index.ts';
import { frameText, HandSampler } from '../../native/sampler/testing/handSampler.ts';
import { asProcess, type Recording, recordedTarget, recordingsFolder } from '../../native/sampler/testing/recordedTarget.ts';
import { type Interpreter, since, title } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { allWait } from './stops.ts';

const script = path.join(import.meta.dirname, 'targets', 'recorded.py');
const run = "exec(compile(open(__import__('sys').argv[1]).read(), 'recorded.py', 'exec'))";

describe('Recordings of memory', () => {
  for (const interpreter of since(3, 11)) {
    it(`of ${title(interpreter)} give the stacks of the process`, async () => {
      const recording = await record(interpreter);
      assert.deepEqual(stacksOf(recording), recording.stacks);
      assert.equal(Object.keys(recording.stacks).length, 2);
      // HEATLINE_RECORD=1 writes what unit tests of native/sampler read.
      if (process.env['HEATLINE_RECORD'] !== undefined) {
        fs.writeFileSync(path.join(recordingsFolder, `stacks-${recording.version}.json`), `${JSON.stringify(recording, null, 1)}\n`);
      }
    }).timeout(30_000);
  }
});

async function record(interpreter: Interpreter): Promise<Recording> {
  await using process_ = await startTarget(interpreter, script, { interpreterOptions: ['-c', run] });
  await allWait(process_.pid);
  const said = process_.ready as unknown as Record<string, [string, string, number, number][]>;
  const stacks = Object.fromEntries(
    Object.entries(said).map(([ident, frames]) => [
      ident,
      frames.map(([name, file, line, firstLine]) => frameText({ name, file, line, firstLine })),
    ]),
  );
  const target = openTarget(await openSystem(), process_.pid);
  const recorder = new MemoryRecorder(target.memory);
  try {
    // The table of offsets, which openTarget has read already.
    const table = new Uint8Array(1024);
    recorder.read(target.runtimeAddress, table, 0, table.length);
    const hand = new HandSampler({ ...target, memory: asProcess(recorder) });
    assert(hand.sampler.enumerate());
    hand.tick(4);
    // A little more around everything, for samplers to come that look at one more member.
    for (const { address, bytes } of [...recorder.recording.spans()])
      recorder.read(address, new Uint8Array(bytes.length + 64), 0, bytes.length + 64);
    const { runtimeAddress, codeType, pythonVersion } = target;
    return { version: pythonVersion, runtimeAddress, codeType, stacks, memory: recorder.recording.toText() };
  } finally {
    target.close();
  }
}

function stacksOf(recording: Recording): Recording['stacks'] {
  const hand = new HandSampler(recordedTarget(recording));
  assert(hand.sampler.enumerate());
  const runs = hand.tick(3);
  return Object.fromEntries(
    [...runs.threads].map((thread, run) => [hand.threads[thread]!.pythonThreadId, hand.framesOf(runs.stacks[run]!).map(frameText)]),
  );
}
