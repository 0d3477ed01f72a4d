import type { DumpSnapshot, FrameRecord, LocalRecord, Moment, ThreadDump, WaitRecord } from '../dump/dumpSnapshot.ts';
import { asArray, asBoolean, asCount, asObject, asOneOf, asString, asStringOrNull, type Fields, MessageError } from './parse.ts';

/** Parses the threads of a living process, without native frames, as JSON has them. Threads that are waited for exist. @throws MessageError */
export function parseDump(fields: Fields): DumpSnapshot {
  const threads = asArray(fields['threads'], 'threads');
  return {
    pid: asCount(fields['pid'], 'a pid'),
    parentPid: fields['parentPid'] === null ? null : asCount(fields['parentPid'], 'a pid'),
    commandLine: texts(fields['commandLine'], 'an argument'),
    executable: asStringOrNull(fields['executable'], 'an executable'),
    workingDirectory: asStringOrNull(fields['workingDirectory'], 'a folder'),
    pythonVersion: asString(fields['pythonVersion'], 'a version'),
    moment: parseMoment(asObject(fields['moment'], 'a moment')),
    core: null,
    threads: threads.map((thread) => parseThread(asObject(thread, 'a thread'), threads.length)),
    problems: texts(fields['problems'], 'a problem'),
  };
}

function parseMoment(fields: Fields): Moment {
  return {
    isInstant: asBoolean(fields['isInstant'], 'a mark'),
    how: asOneOf(fields['how'], ['paused', 'waiting', 'running'], 'a moment'),
    pause: asCount(fields['pause'], 'a time'),
    why: asStringOrNull(fields['why'], 'a reason'),
  };
}

function parseThread(fields: Fields, count: number): ThreadDump {
  return {
    osThreadId: asCount(fields['osThreadId'], 'an id'),
    pythonThreadId: asString(fields['pythonThreadId'], 'an id'),
    interpreterId: asCount(fields['interpreterId'], 'an id'),
    name: asStringOrNull(fields['name'], 'a name'),
    state: asOneOf(fields['state'], ['running', 'ready', 'waiting'], 'a state'),
    holdsGil: asBoolean(fields['holdsGil'], 'a mark'),
    collects: asBoolean(fields['collects'], 'a mark'),
    frames: asArray(fields['frames'], 'frames').map((frame) => parseFrame(asObject(frame, 'a frame'))),
    problem: asStringOrNull(fields['problem'], 'a problem'),
    wait: fields['wait'] === null ? null : parseWait(asObject(fields['wait'], 'a wait'), count),
    native: null,
  };
}

function parseWait(fields: Fields, count: number): WaitRecord {
  const owner = fields['owner'] === null ? null : asCount(fields['owner'], 'a thread');
  if (owner !== null && owner >= count) throw new MessageError(`there is no thread ${owner}`);
  return { what: asString(fields['what'], 'what is waited for'), owner, why: asStringOrNull(fields['why'], 'a reason') };
}

function parseFrame(fields: Fields): FrameRecord {
  return {
    function: asString(fields['function'], 'a function'),
    file: asString(fields['file'], 'a file'),
    line: asCount(fields['line'], 'a line'),
    expression: fields['expression'] === null ? null : parseExpression(asObject(fields['expression'], 'an expression')),
    locals:
      fields['locals'] === null ? null : asArray(fields['locals'], 'variables').map((local) => parseLocal(asObject(local, 'a variable'))),
  };
}

function parseExpression(fields: Fields): NonNullable<FrameRecord['expression']> {
  return {
    line: asCount(fields['line'], 'a line'),
    endLine: asCount(fields['endLine'], 'a line'),
    start: asCount(fields['start'], 'a column'),
    end: asCount(fields['end'], 'a column'),
  };
}

function parseLocal(fields: Fields): LocalRecord {
  return {
    name: asString(fields['name'], 'a name'),
    address: asString(fields['address'], 'an address'),
    isArgument: asBoolean(fields['isArgument'], 'a mark'),
    kind: asOneOf(fields['kind'], ['local', 'cell', 'free', 'namespace'], 'a kind'),
    text: asString(fields['text'], 'a value'),
  };
}

function texts(value: unknown, what: string): string[] {
  return asArray(value, `${what}s`).map((text) => asString(text, what));
}
