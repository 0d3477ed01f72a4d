import {
  instructionColumns,
  mapInstructionColumns,
  nativeFigures,
  type NativeQuality,
  noStopsReasons,
  type ProfileDelta,
  type RunColumns,
  runColumns,
} from '../../profile/delta.ts';
import type { EndReason, EngineEvent } from '../engine.ts';
import { decodeFailure } from './failures.ts';
import {
  asAmount,
  asArray,
  asBoolean,
  asCount,
  asObject,
  asOneOf,
  asShare,
  asString,
  asStringOrNull,
  type Fields,
  MessageError,
} from './parse.ts';
import { type Looked, packLooked, parseLooked } from './snapshots.ts';

/**
 * What a sampling process says to the one that shows its profile: a helper with more rights, or `heatline
 * run` in a terminal. Neither side trusts the other with anything beyond this.
 */
export type HelperMessage =
  | EngineEvent
  | { readonly type: 'asking' } // about to ask for a password
  | { readonly type: 'ready'; readonly protocol: number; readonly pid: number } // the sampling process itself, its rights given up
  | ({ readonly type: 'looked' } & Looked) // the result of a single look
  | { readonly type: 'left'; readonly code: number | null; readonly signal: string | null }; // what asked for a password has ended so

/** Version of everything in this file. Both ends belong to the same Heatline, so their versions must be equal. */
export const protocolVersion = 7;

/** The other direction: single bytes. */
export const Command = { Pause: 0x70, Resume: 0x72, Stop: 0x73 } as const; // p r s

/**
 * Bytes of a message at most. Deltas of 250 ms at a million samples a second are 10 MB.
 */
export const maxMessage = 64 * 1024 * 1024;

const prefix = 4;

/*
 * A message on its way: u32 length of what follows; u32 length of the JSON; the JSON; then, in a delta, its columns one
 * after the other, as long as the JSON's `lengths` say. Little-endian, as all machines are that run Heatline.
 */

type Column = Uint32Array | Float64Array | Uint8Array;
const lengthNames = ['frames', 'instructions', 'stacks', 'runs', 'cutCalls', 'cutLeaves'] as const;
/** `instructions`: as many as frames, or none. */
type Lengths = Readonly<Record<(typeof lengthNames)[number], number>>;

/** @throws MessageError when it is longer than maxMessage */
export function encodeMessage(message: HelperMessage): Uint8Array<ArrayBuffer> {
  if (message.type === 'looked') return bytesOf({ type: message.type, ...packLooked(message) }, []);
  if (message.type !== 'delta') return bytesOf(message, []);
  const { frames, stacks, runs, cut, ...records } = message.delta;
  const { instructions } = frames;
  const lengths: Lengths = {
    frames: frames.functions.length,
    instructions: instructions?.opcodes.length ?? 0,
    stacks: stacks.parents.length,
    runs: runs.threads.length,
    cutCalls: cut?.calls.threads.length ?? 0,
    cutLeaves: cut?.leaves.threads.length ?? 0,
  };
  const columns = [
    ...[frames.functions, frames.lines],
    ...(instructions === undefined ? [] : instructionColumns.map((name) => instructions[name])),
    ...[stacks.parents, stacks.frames],
    ...[runs, ...(cut === undefined ? [] : [cut.calls, cut.leaves])].flatMap((one) => runColumns.map((name) => one[name])),
  ];
  return bytesOf({ type: 'delta', delta: records, lengths }, columns);
}

function bytesOf(header: object, columns: readonly Column[]): Uint8Array<ArrayBuffer> {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const length = columns.reduce((sum, column) => sum + column.byteLength, prefix + json.length);
  if (length > maxMessage) throw new MessageError(`a message can’t have ${length} bytes`);
  const bytes = Buffer.alloc(prefix + length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE(json.length, prefix);
  json.copy(bytes, 2 * prefix);
  let at = 2 * prefix + json.length;
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  return bytes;
}

/** Cuts a stream of bytes into messages, however they arrive. */
export class MessageReader {
  private chunks: Buffer[] = [];
  private buffered = 0;

  /** Adds what arrived. @returns the bytes of messages that are whole now, without their length. @throws MessageError */
  push(chunk: Uint8Array): Buffer[] {
    this.chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.buffered += chunk.byteLength;
    const messages: Buffer[] = [];
    for (;;) {
      const start = this.peek(prefix);
      if (start === null) return messages;
      const length = start.readUInt32LE(0);
      if (length < prefix || length > maxMessage) throw new MessageError(`no message has ${length} bytes`);
      if (this.buffered < prefix + length) return messages;
      messages.push(this.take(prefix + length).subarray(prefix));
    }
  }

  private peek(length: number): Buffer | null {
    if (this.buffered < length) return null;
    while (this.chunks[0]!.length < length) this.chunks.splice(0, 2, Buffer.concat([this.chunks[0]!, this.chunks[1]!]));
    return this.chunks[0]!;
  }

  private take(length: number): Buffer {
    const all = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks, this.buffered);
    this.buffered -= length;
    this.chunks = this.buffered === 0 ? [] : [all.subarray(length)];
    return all.subarray(0, length);
  }
}

/**
 * Parses the bytes of a message that came from MessageReader. Types and lengths are checked here; whether a delta's ids exist is
 * checked by the profile it is appended to.
 * @throws MessageError
 */
export function decodeMessage(bytes: Buffer): HelperMessage {
  if (bytes.length < prefix) throw new MessageError('a message is empty');
  const jsonLength = bytes.readUInt32LE(0);
  if (jsonLength > bytes.length - prefix) throw new MessageError('a message is cut off');
  const header = asObject(parseJson(bytes.toString('utf8', prefix, prefix + jsonLength)), 'a message');
  const columns = bytes.subarray(prefix + jsonLength);
  if (header['type'] === 'delta') return { type: 'delta', delta: decodeDelta(header, columns) };
  if (columns.length > 0) throw new MessageError('a message has more bytes than it should');
  return decodePlain(header);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MessageError('a message is not JSON');
  }
}

function decodePlain(header: Fields): HelperMessage {
  const type = asOneOf(
    header['type'],
    ['waiting', 'started', 'paused', 'resumed', 'ended', 'failed', 'asking', 'ready', 'looked', 'left'],
    'a message',
  );
  switch (type) {
    case 'started': {
      const { pid, pythonVersion, epoch } = header;
      return { type, pid: asCount(pid, 'a pid'), pythonVersion: asString(pythonVersion, 'a version'), epoch: asAmount(epoch, 'a time') };
    }
    case 'waiting':
    case 'paused':
    case 'resumed':
    case 'asking':
      return { type };
    case 'ended':
      return { type, reason: asOneOf<EndReason>(header['reason'], ['stopped', 'duration', 'exited', 'replaced'], 'a reason') };
    case 'failed':
      return { type, failure: decodeFailure(asObject(header['failure'], 'a failure')) };
    case 'ready':
      return { type, protocol: asCount(header['protocol'], 'a protocol'), pid: asCount(header['pid'], 'a pid') };
    case 'looked':
      return { type, ...parseLooked(header) };
    case 'left':
      return {
        type,
        code: header['code'] === null ? null : asCount(header['code'], 'a code'),
        signal: asStringOrNull(header['signal'], 'a signal'),
      };
  }
}

function decodeDelta(header: Fields, bytes: Buffer): ProfileDelta {
  const records = asObject(header['delta'], 'a delta');
  const lengths = asObject(header['lengths'], 'lengths');
  const [frames, instructions, stacks, runs, cutCalls, cutLeaves] = lengthNames.map((name) => asCount(lengths[name], 'a length')) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (instructions !== 0 && instructions !== frames) throw new MessageError('a delta has other instructions than frames');
  if (8 * frames + 20 * instructions + 8 * stacks + 37 * (runs + cutCalls + cutLeaves) !== bytes.length)
    throw new MessageError('a delta’s columns do not have the lengths they should');
  let at = 0;
  // Copies: columns of 4 and 8 bytes must begin at multiples of that.
  const next = (length: number): ArrayBuffer => {
    const copy = new ArrayBuffer(length);
    new Uint8Array(copy).set(bytes.subarray(at, at + length));
    at += length;
    return copy;
  };
  const integers = (count: number): Uint32Array => new Uint32Array(next(4 * count));
  const numbers = (count: number): Float64Array => new Float64Array(next(8 * count));
  const runsOf = (count: number): RunColumns => ({
    threads: integers(count),
    stacks: integers(count),
    starts: numbers(count),
    durations: numbers(count),
    cpu: numbers(count),
    counts: integers(count),
    flags: new Uint8Array(next(count)),
  });
  return {
    sequence: asCount(records['sequence'], 'a sequence'),
    until: asAmount(records['until'], 'a time'),
    processes: asArray(records['processes'], 'processes').map(decodeProcess),
    ...(records['processChanges'] === undefined
      ? {}
      : { processChanges: asArray(records['processChanges'], 'changes').map(decodeProcessChange) }),
    threads: asArray(records['threads'], 'threads').map(decodeThread),
    threadChanges: asArray(records['threadChanges'], 'changes').map(decodeChange),
    functions: asArray(records['functions'], 'functions').map(decodeFunction),
    ...(records['opcodes'] === undefined
      ? {}
      : { opcodes: asArray(records['opcodes'], 'opcodes').map((name) => asString(name, 'a name')) }),
    frames: {
      functions: integers(frames),
      lines: integers(frames),
      ...(instructions === 0 ? {} : { instructions: mapInstructionColumns(() => integers(instructions)) }),
    },
    stacks: { parents: integers(stacks), frames: integers(stacks) },
    runs: runsOf(runs),
    ...(cutCalls + cutLeaves === 0 ? {} : { cut: { calls: runsOf(cutCalls), leaves: runsOf(cutLeaves) } }),
    quality: decodeQuality(asObject(records['quality'], 'quality')),
  };
}

function decodeProcess(value: unknown): ProfileDelta['processes'][number] {
  const fields = asObject(value, 'a process');
  return {
    pid: asCount(fields['pid'], 'a pid'),
    parent: fields['parent'] === null ? null : asCount(fields['parent'], 'a parent'),
    name: asString(fields['name'], 'a name'),
    commandLine: asArray(fields['commandLine'], 'a command line').map((argument) => asString(argument, 'an argument')),
    executable: asString(fields['executable'], 'an executable'),
    workingDirectory: asStringOrNull(fields['workingDirectory'], 'a folder'),
    pythonVersion: asString(fields['pythonVersion'], 'a version'),
    startedAt: asAmount(fields['startedAt'], 'a time'),
  };
}

function decodeProcessChange(value: unknown): NonNullable<ProfileDelta['processChanges']>[number] {
  const { process, name } = asObject(value, 'a change');
  return { process: asCount(process, 'a process'), name: asString(name, 'a name') };
}

function decodeThread(value: unknown): ProfileDelta['threads'][number] {
  const fields = asObject(value, 'a thread');
  return {
    process: asCount(fields['process'], 'a process'),
    osThreadId: asCount(fields['osThreadId'], 'an id'),
    pythonThreadId: asString(fields['pythonThreadId'], 'an id'),
    interpreterId: asCount(fields['interpreterId'], 'an id'),
    name: asString(fields['name'], 'a name'),
    isMain: asBoolean(fields['isMain'], 'a mark'),
    startedAt: asAmount(fields['startedAt'], 'a time'),
  };
}

function decodeChange(value: unknown): ProfileDelta['threadChanges'][number] {
  const { thread, name, endedAt } = asObject(value, 'a change');
  return {
    thread: asCount(thread, 'a thread'),
    ...(name === undefined ? {} : { name: asString(name, 'a name') }),
    ...(endedAt === undefined ? {} : { endedAt: asAmount(endedAt, 'a time') }),
  };
}

function decodeFunction(value: unknown): ProfileDelta['functions'][number] {
  const fields = asObject(value, 'a function');
  return {
    name: asString(fields['name'], 'a name'),
    file: asString(fields['file'], 'a file'),
    firstLine: asCount(fields['firstLine'], 'a line'),
    ...(fields['library'] === undefined ? {} : { library: asString(fields['library'], 'a library') }),
    ...(fields['kind'] === undefined ? {} : { kind: asOneOf(fields['kind'], ['native'] as const, 'a kind') }),
  };
}

function decodeQuality(fields: Fields): ProfileDelta['quality'] {
  const amount = (name: keyof ProfileDelta['quality']): number => asAmount(fields[name], name);
  return {
    ticks: amount('ticks'),
    samples: amount('samples'),
    partial: amount('partial'),
    lost: amount('lost'),
    missed: amount('missed'),
    latenessMedian: amount('latenessMedian'),
    latenessMax: amount('latenessMax'),
    elapsed: amount('elapsed'),
    samplerCpu: amount('samplerCpu'),
    requestedRate: amount('requestedRate'),
    stops: asCount(fields['stops'], 'stops'),
    stoppedTime: amount('stoppedTime'),
    shareError: fields['shareError'] === null ? null : asShare(fields['shareError'], 'shareError'),
    noStops: fields['noStops'] === null ? null : asOneOf(fields['noStops'], noStopsReasons, 'noStops'),
    ...(fields['native'] === undefined ? {} : { native: decodeNativeQuality(asObject(fields['native'], 'native')) }),
  };
}

function decodeNativeQuality(fields: Fields): NativeQuality {
  return Object.fromEntries(nativeFigures.map((name) => [name, asAmount(fields[name], name)])) as unknown as NativeQuality;
}
