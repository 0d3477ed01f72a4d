import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { areInOrder, type TimeStep, type TimeSteps } from '../../profile/timeSteps.ts';
import type { EngineEvent } from '../engine.ts';
import { decodeMessage, type HelperMessage, maxMessage, protocolVersion } from '../helper/messages.ts';
import { asAmount, asCount, asObject, asString, MessageError } from '../helper/parse.ts';
import type { Exit, RecordingFacts } from './recordingFile.ts';

/** What listens to a recording that is read. */
export interface RecordingListener {
  readonly onEvent: (event: EngineEvent) => void;
  readonly onExit: (exit: Exit) => void;
}

/** Bytes of a header at most: names and a path. */
const MAX_HEADER = 1 << 20;

/** What a header's JSON begins with. */
const START = '{"protocol":';

/**
 * Reads a recording as far as it is whole: what breaks down leaves the last message cut off.
 * @param begin told the facts; gets what follows
 * @returns what is wrong with the file from some place on; undefined where all was read but perhaps a cut-off end
 */
export async function readRecording(path: string, begin: (facts: RecordingFacts) => RecordingListener): Promise<Error | undefined> {
  let file: FileHandle | undefined;
  try {
    // A pipe that somebody put there would make us wait for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) throw new MessageError('it is no file');
    const header = await nextMessage(file, MAX_HEADER);
    if (header === undefined) return undefined;
    const listener = begin(parseFacts(header));
    let sequence = 0;
    for (;;) {
      const bytes = await nextMessage(file, maxMessage);
      if (bytes === undefined) return undefined;
      const message = decodeMessage(bytes);
      take(message.type === 'delta' ? { type: 'delta', delta: { ...message.delta, sequence: sequence++ } } : message, listener);
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await file?.close();
  }
}

/** What a recording says of itself. @throws Error for what is none, or another version's */
export async function readRecordingFacts(path: string): Promise<RecordingFacts> {
  let facts: RecordingFacts | undefined;
  const done = new Error('read');
  const wrong = await readRecording(path, (read) => {
    facts = read;
    throw done;
  });
  if (facts === undefined) throw wrong ?? new MessageError('it is empty');
  return facts;
}

/** Whether a file is a recording, by its first bytes, at least 16 of them. */
export function isRecording(start: Uint8Array): boolean {
  return start.length >= 4 + START.length && Buffer.from(start.buffer, start.byteOffset + 4, START.length).toString('latin1') === START;
}

/** One at a time, so that all before one that is broken are heard. Undefined at the end, and where the file is cut off. */
async function nextMessage(file: FileHandle, maximum: number): Promise<Buffer | undefined> {
  const prefix = await read(file, 4);
  if (prefix === undefined) return undefined;
  const length = prefix.readUInt32LE(0);
  if (length === 0 || length > maximum) throw new MessageError(`no message has ${length} bytes`);
  return read(file, length);
}

/** Undefined where there is less. */
async function read(file: FileHandle, length: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(buffer, at, length - at);
    if (bytesRead === 0) return undefined;
    at += bytesRead;
  }
  return buffer;
}

function take(message: HelperMessage, listener: RecordingListener): void {
  switch (message.type) {
    case 'left':
      listener.onExit({ code: message.code, signal: message.signal });
      break;
    case 'asking':
    case 'ready':
    case 'looked': // nobody writes that
      break;
    default:
      listener.onEvent(message);
  }
}

function parseFacts(bytes: Buffer): RecordingFacts {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new MessageError('its first message makes no sense');
  }
  const { protocol, pid, name, ordinal, rate, output, coarseTimes } = asObject(value, 'its first message');
  if (protocol !== protocolVersion)
    throw new MessageError(`it was recorded by another version of Heatline (${String(protocol)}, not ${protocolVersion})`);
  return {
    pid: asCount(pid, 'a process'),
    name: asString(name, 'a name'),
    ordinal: asCount(ordinal, 'a number'),
    rate: asAmount(rate, 'a rate'),
    ...(output === undefined ? {} : { output: asString(output, 'a file') }),
    ...(coarseTimes === undefined ? {} : { coarseTimes: parseSteps(coarseTimes) }),
  };
}

/** Entries: more than steps that double can have. */
const maxSteps = 64;

function parseSteps(value: unknown): TimeSteps {
  if (!Array.isArray(value) || value.length > maxSteps) throw new MessageError('its times make no sense');
  const steps = value.map((one): TimeStep => {
    const { until, step } = asObject(one, 'a time');
    return { until: asAmount(until, 'a time'), step: asAmount(step, 'a time') };
  });
  if (!areInOrder(steps)) throw new MessageError('its times make no sense');
  return steps;
}
