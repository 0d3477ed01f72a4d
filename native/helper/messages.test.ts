import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import type { ProfileDelta } from '../../profile/delta.ts';
import { Profile } from '../../profile/profile.ts';
import type { EngineFailure } from '../engine.ts';
import { decodeMessage, encodeMessage, MessageReader, type HelperMessage, maxMessage } from './messages.ts';
import { MessageError } from './parse.ts';

const delta: ProfileDelta = {
  sequence: 0,
  until: 2500.5,
  processes: [
    {
      pid: 7,
      parent: null,
      name: 'app.py',
      commandLine: ['python', '-c', '\ud800é'],
      executable: '/p',
      workingDirectory: null,
      pythonVersion: '3.12.1',
      startedAt: 0,
    },
  ],
  threads: [
    { process: 0, osThreadId: 7, pythonThreadId: '140737488355328', interpreterId: 0, name: 'MainThread', isMain: true, startedAt: 0 },
  ],
  processChanges: [{ process: 0, name: 'fetcher' }],
  threadChanges: [
    { thread: 0, name: 'x' },
    { thread: 0, endedAt: 3 },
  ],
  functions: [{ name: 'f', file: '/a.py', firstLine: 1 }],
  frames: { functions: Uint32Array.of(0), lines: Uint32Array.of(2 ** 31 - 1) },
  stacks: { parents: Uint32Array.of(0, 1), frames: Uint32Array.of(0, 0) },
  runs: {
    threads: Uint32Array.of(0, 0, 0),
    stacks: Uint32Array.of(1, 0, 2),
    starts: Float64Array.of(0, 0.5, 1000.25),
    durations: Float64Array.of(1, 2, 3),
    counts: Uint32Array.of(1, 2, 3),
    cpu: Float64Array.of(0.5, 4000, 0),
    flags: Uint8Array.of(1, 2, 15),
  },
  quality: {
    ticks: 1,
    samples: 6,
    partial: 1,
    lost: 0,
    missed: 0,
    latenessMedian: 1.5,
    latenessMax: 3,
    elapsed: 2500,
    samplerCpu: 40,
    requestedRate: 1000,
    stops: 12,
    stoppedTime: 80.5,
    shareError: 0.02,
    noStops: 'cores',
  },
};

const told: ProfileDelta = {
  ...delta,
  opcodes: ['CALL_PY_EXACT_ARGS', 'LOAD_ATTR'],
  frames: {
    ...delta.frames,
    instructions: {
      opcodes: Uint32Array.of(2),
      offsets: Uint32Array.of(2 ** 31),
      endLines: Uint32Array.of(2 ** 31 - 1),
      startColumns: Uint32Array.of(3),
      endColumns: Uint32Array.of(9),
    },
  },
};

const failures: readonly EngineFailure[] = [
  { code: 'unsupported-system', system: 'plan9' },
  { code: 'no-such-process', pid: 1 },
  { code: 'permission-denied', pid: 1, owner: null, reason: 'hidden' },
  { code: 'not-python', pid: 1, executable: '/bin/sh' },
  { code: 'not-python', pid: 1, executable: '/bin/sh', below: [2, 3] },
  { code: 'unsupported-version', pid: 1, version: '2.3', detail: 'old' },
  { code: 'not-visible', pid: 1, version: '3.7.1', what: 'tasks', reason: 'version' },
  { code: 'not-ready', pid: 1 },
  { code: 'not-ready', pid: 1, below: [2, 3] },
  { code: 'ended-early', pid: 1, executable: '/usr/bin/python3' },
  { code: 'unreadable', pid: 1, detail: 'x' },
  { code: 'not-elevated', pid: 1, reason: 'refused', detail: '' },
  { code: 'internal', detail: 'x' },
];

const messages: readonly HelperMessage[] = [
  { type: 'asking' },
  { type: 'ready', protocol: 1, pid: 12 },
  { type: 'started', pid: 7, pythonVersion: '3.14.0rc2', epoch: 1.5 },
  { type: 'delta', delta },
  { type: 'delta', delta: told },
  { type: 'waiting' },
  { type: 'paused' },
  { type: 'resumed' },
  { type: 'ended', reason: 'exited' },
  ...failures.map((failure): HelperMessage => ({ type: 'failed', failure })),
  { type: 'left', code: null, signal: 'SIGKILL' },
  { type: 'left', code: 1, signal: null },
];

/** Reads all of a stream that arrives in pieces of these sizes. */
function read(stream: Uint8Array, sizes: readonly number[]): HelperMessage[] {
  const reader = new MessageReader();
  const found: HelperMessage[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length]!;
    found.push(...reader.push(stream.subarray(at, at + size)).map(decodeMessage));
    at += size;
  }
  return found;
}

/** A message with this JSON and these bytes after it, its lengths right. */
function bytesOf(json: unknown, columns = 0): Buffer {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const bytes = Buffer.alloc(4 + text.length + columns);
  bytes.writeUInt32LE(text.length, 0);
  text.copy(bytes, 4);
  return bytes;
}

describe('messages between sampling process and editor', () => {
  it('bring every message back as it was, however the bytes arrive', () => {
    const stream = Buffer.concat(messages.map(encodeMessage));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes) => {
        assert.deepEqual(read(stream, sizes), messages);
      }),
      { numRuns: rounds(30) },
    );
  });

  it('bring a delta that a profile takes', () => {
    const [message] = read(encodeMessage({ type: 'delta', delta }), [1 << 20]);
    assert(message?.type === 'delta');
    const profile = new Profile();
    profile.append(message.delta);
    assert.equal(profile.quality.samples, 6);
  });

  it('are refused with an impossible length before anything is kept', () => {
    for (const length of [0, 3, maxMessage + 1, 0xffffffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(length);
      assert.throws(() => new MessageReader().push(bytes), MessageError);
    }
  });

  it('are refused when they say what no message says', () => {
    const header = {
      type: 'delta',
      delta: { ...delta, frames: undefined, stacks: undefined, runs: undefined },
      lengths: { frames: 0, instructions: 0, stacks: 0, runs: 0, cutCalls: 0, cutLeaves: 0 },
    };
    decodeMessage(bytesOf(header)); // is right, so the others fail for what is changed in them
    const wrong: Buffer[] = [
      Buffer.alloc(0),
      Buffer.from([9, 0, 0, 0, 1]), // cut off
      ...['', '{', 'null', '[]', '1', '"x"', '{}'].map((text) => bytesOf(text)),
      ...[
        { type: 'exec' },
        { type: 'started' },
        { type: 'started', pid: -1, pythonVersion: '', epoch: 0 },
        { type: '__proto__' },
        { type: 'ended', reason: 'x' },
      ].map((json) => bytesOf(json)),
      ...[
        { type: 'failed', failure: { code: 'x' } },
        { type: 'failed', failure: { code: 'not-ready', pid: '1' } },
        { type: 'failed', failure: { code: 'not-ready', pid: 1, below: ['2'] } },
        { type: 'left', code: 0 },
      ].map((json) => bytesOf(json)),
      bytesOf({ type: 'paused' }, 1),
      bytesOf(header, 1),
      bytesOf({ ...header, lengths: { ...header.lengths, frames: 1 } }, 7),
      bytesOf({ ...header, lengths: { ...header.lengths, instructions: 1 } }, 20),
      bytesOf({ ...header, lengths: { ...header.lengths, frames: 2, instructions: 1 } }, 36),
      bytesOf({ ...header, lengths: { frames: 0, stacks: 0, runs: 0 } }),
      bytesOf({ ...header, delta: { ...header.delta, opcodes: [1] } }),
      bytesOf({ ...header, lengths: { ...header.lengths, frames: -1, stacks: 1 } }),
      bytesOf({ ...header, lengths: { ...header.lengths, frames: 0.5 } }, 4),
      bytesOf({ ...header, lengths: { ...header.lengths, frames: 1e300 } }),
      ...Object.keys(header.delta).flatMap((key) =>
        ['frames', 'stacks', 'runs'].includes(key) ? [] : [bytesOf({ ...header, delta: { ...header.delta, [key]: true } })],
      ),
    ];
    for (const bytes of wrong) assert.throws(() => decodeMessage(bytes), MessageError, bytes.toString('latin1').slice(0, 200));
  });

  it('never make anything but a message or a MessageError of damaged bytes', () => {
    const good = Buffer.from(encodeMessage({ type: 'delta', delta: told })).subarray(4);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(good.length),
        (changes, cut) => {
          const bytes = Buffer.from(good.subarray(0, good.length - (cut % 16 === 0 ? cut : 0)));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            decodeMessage(bytes);
          } catch (error) {
            assert(error instanceof MessageError, String(error));
          }
        },
      ),
      { numRuns: rounds(500) },
    );
  });
});
