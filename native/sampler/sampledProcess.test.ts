import assert from 'node:assert/strict';
import { RecordedMemory } from '../memory/recorded.ts';
import type { OpenTarget } from '../openTarget.ts';
import type { System } from '../os/system.ts';
import { FrameTable } from './tables/frameTable.ts';
import { RunRecorder } from './tables/runRecorder.ts';
import { SampledProcess } from './sampledProcess.ts';
import { StackTrie } from './tables/stackTrie.ts';
import { asProcess, recordedTarget, recordings } from './testing/recordedTarget.ts';

describe('SampledProcess', () => {
  const recording = recordings.at(-1)!;

  /** A recorded process whose list of threads can't be followed for the first `failures` times, because it changes. */
  function process(failures: number): SampledProcess {
    const memory = RecordedMemory.fromText(recording.memory);
    const target = recordedTarget(recording, memory);
    const { interpretersHead } = target.layout.runtime;
    let looks = 0;
    const changing = asProcess({
      read: (address, ...rest) =>
        !(address === recording.runtimeAddress + interpretersHead && looks++ < failures) && memory.read(address, ...rest),
      readSpans: (plan, bytes) => memory.readSpans(plan, bytes),
      close: () => undefined,
    });
    const open: OpenTarget = {
      ...target,
      understanding: {
        location: { ...recording, versionHex: 0, versionText: recording.version, freeThreaded: false, symbols: new Map() },
        layout: target.layout,
      },
      memory: changing,
      pid: 1,
      pythonVersion: recording.version,
      execution: { startTime: 1, executable: null, file: null, stackStart: 0, stackIsDrawn: false },
      owner: () => null,
      close: () => undefined,
    };
    const system = { threadName: () => null } as unknown as System;
    let threads = 0;
    const tables = {
      frames: new FrameTable(),
      stacks: new StackTrie(() => -1),
      recorder: new RunRecorder(),
      followsSince: 0,
      now: () => 0,
      addThread: () => threads++,
      changeProcess: () => undefined,
      changeThread: () => undefined,
    };
    return new SampledProcess(system, open, 0, tables, null, null);
  }

  it('begins though its threads come and go while they are listed', () => {
    const started = process(3);
    assert.equal(started.start(), true);
    assert.equal(started.sampler.threadCount, 2);
  });

  it('does not begin when they never can be listed', () => {
    assert.equal(process(Infinity).start(), false);
  });
});
