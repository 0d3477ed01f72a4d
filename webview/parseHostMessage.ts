import { noStopsReasons } from '../profile/delta.ts';
import { MAX_COLUMNS, MAX_ROWS, type LaneBands, type LaneBoxes } from '../profile/timeline/lane.ts';
import {
  HIDDEN,
  pageActions,
  ROOT,
  type FunctionColumns,
  type FunctionsMessage,
  type HostMessage,
  type LaneItem,
  type LeftMessage,
  type ProcessItem,
  type QualityFigures,
  type StatusMessage,
  type ThreadItem,
  type TimelineMessage,
  type TreeColumns,
  type TreeMessage,
} from './messages.ts';
import { parseQuery, parseRange, parseSamples } from './parseQuery.ts';
import { finite, index, list, oneOf, record, strings, type Json } from './parse.ts';
import { sampleStates, type SampleState } from './query.ts';

/** What the host said, or undefined if it makes no sense. */
export function parseHostMessage(data: unknown): HostMessage | undefined {
  const message = record(data);
  switch (message?.['type']) {
    case 'setup': {
      const { title, language, samplesKnown } = message as { title?: unknown; language?: unknown; samplesKnown?: unknown };
      const query = parseQuery(message['query']);
      if (typeof samplesKnown !== 'boolean' || typeof title !== 'string' || typeof language !== 'string' || query === undefined)
        return undefined;
      const translations = Object.entries(record(message['translations']) ?? {});
      return {
        type: 'setup',
        title,
        language,
        query,
        samplesKnown,
        translations: Object.fromEntries(translations.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
      };
    }
    case 'samples': {
      const samples = parseSamples(message['samples']);
      return samples === undefined ? undefined : { type: 'samples', samples };
    }
    case 'act': {
      const action = oneOf(message['action'], pageActions);
      return action && { type: 'act', action };
    }
    case 'view': {
      const text = message['text'];
      return typeof text === 'string' ? { type: 'view', text } : undefined;
    }
    case 'functions':
      return parseFunctions(message);
    case 'participants': {
      const processes = list(message['processes'], parseProcess);
      const threads = list(message['threads'], parseThread);
      return processes === undefined || threads === undefined ? undefined : { type: 'participants', processes, threads };
    }
    case 'status':
      return parseStatus(message);
    case 'tree':
      return parseTree(message);
    case 'left':
      return parseLeft(message);
    case 'timeline':
      return parseTimeline(message);
    default:
      return undefined;
  }
}

function parseFunctions(message: Json): FunctionsMessage | undefined {
  const first = index(message['first']);
  const firstFile = index(message['firstFile']);
  const names = strings(message['names']);
  const newFiles = strings(message['newFiles']);
  const firstLibrary = index(message['firstLibrary']);
  const newLibraries = strings(message['newLibraries']);
  const { files, firstLines, native, libraries } = message as Record<'files' | 'firstLines' | 'native' | 'libraries', unknown>;
  if (first === undefined || firstFile === undefined || names === undefined || newFiles === undefined) return undefined;
  if (!(files instanceof Int32Array) || !(firstLines instanceof Int32Array) || !(native instanceof Uint8Array)) return undefined;
  if ([files, firstLines, native].some(({ length }) => length !== names.length)) return undefined;
  const fileCount = firstFile + newFiles.length;
  if (firstLibrary === undefined || newLibraries === undefined || !(libraries instanceof Int32Array)) return undefined;
  const libraryCount = firstLibrary + newLibraries.length;
  if (libraries.length !== names.length || !libraries.every((library) => library >= -1 && library < libraryCount)) return undefined;
  if (!files.every((file) => file >= 0 && file < fileCount)) return undefined;
  return { type: 'functions', first, firstFile, names, newFiles, files, firstLines, native, libraries, firstLibrary, newLibraries };
}

function parseProcess(data: unknown): ProcessItem | undefined {
  const item = record(data);
  const pid = index(item?.['pid']);
  const { name, pythonVersion } = (item ?? {}) as { name?: unknown; pythonVersion?: unknown };
  const startedAt = finite(item?.['startedAt']);
  if (pid === undefined || startedAt === undefined || typeof name !== 'string' || typeof pythonVersion !== 'string') return undefined;
  return { pid, name, pythonVersion, startedAt };
}

function parseThread(data: unknown): ThreadItem | undefined {
  const item = record(data);
  const process = index(item?.['process']);
  const osThreadId = finite(item?.['osThreadId']);
  const startedAt = finite(item?.['startedAt']);
  const endedAt = item?.['endedAt'] === null ? null : finite(item?.['endedAt']);
  const { name } = (item ?? {}) as { name?: unknown };
  if (process === undefined || osThreadId === undefined || startedAt === undefined || endedAt === undefined) return undefined;
  return typeof name === 'string' ? { process, osThreadId, name, startedAt, endedAt } : undefined;
}

function parseStatus(message: Json): StatusMessage | undefined {
  const state = oneOf(message['state'], ['starting', 'running', 'paused', 'ended']);
  const endMessage = message['endMessage'];
  const quality = parseFigures(message['quality']);
  if (state === undefined || typeof endMessage !== 'string' || quality === undefined) return undefined;
  return { type: 'status', state, endMessage, quality };
}

function parseFigures(data: unknown): QualityFigures | undefined {
  const figures = record(data);
  if (figures === undefined) return undefined;
  const names = [
    'samples',
    'ticks',
    'partial',
    'lost',
    'missed',
    'elapsed',
    'samplesPerSecond',
    'requestedRate',
    'stops',
    'stoppedTime',
    'coarseUntil',
    'shortestStep',
    'longestStep',
  ] as const;
  const result: Partial<Record<(typeof names)[number], number>> = {};
  const shareError = figures['shareError'] === null ? null : finite(figures['shareError']);
  const noStops = figures['noStops'] === null ? null : oneOf(figures['noStops'], noStopsReasons);
  if (shareError === undefined || noStops === undefined) return undefined;
  for (const name of names) {
    const value = finite(figures[name]);
    if (value === undefined) return undefined;
    result[name] = value;
  }
  return { ...(result as Omit<QualityFigures, 'shareError' | 'noStops'>), shareError, noStops };
}

function parseTree(message: Json): TreeMessage | undefined {
  const query = index(message['query']);
  const hiddenNodes = index(message['hiddenNodes']);
  const totalSamples = finite(message['totalSamples']);
  const samplesBeforeSteps = finite(message['samplesBeforeSteps']);
  const totalTime = finite(message['totalTime']);
  const nodes = parseNodes(message['nodes']);
  const callers = message['callers'] === null ? null : parseNodes(message['callers']);
  const functions = parseFunctionColumns(message['functions']);
  const modules = parseFunctionColumns(message['modules']);
  if (query === undefined || hiddenNodes === undefined || totalSamples === undefined) return undefined;
  if (callers === undefined || totalTime === undefined || totalTime < 0) return undefined;
  if (nodes === undefined || functions === undefined || modules === undefined || samplesBeforeSteps === undefined) return undefined;
  return { type: 'tree', query, hiddenNodes, totalSamples, totalTime, samplesBeforeSteps, nodes, callers, functions, modules };
}

function parseNodes(data: unknown): TreeColumns | undefined {
  const columns = record(data);
  if (columns === undefined) return undefined;
  const { parent, func, line, self, total, samples } = columns as Record<keyof TreeColumns, unknown>;
  if (!(parent instanceof Int32Array) || !(func instanceof Int32Array) || !(line instanceof Int32Array)) return undefined;
  if (!(self instanceof Float64Array) || !(total instanceof Float64Array) || !(samples instanceof Float64Array)) return undefined;
  const { length } = parent;
  if (length === 0 || ![func, line, self, total, samples].every((column) => column.length === length)) return undefined;
  if (parent[0] !== -1 || func[0] !== ROOT) return undefined;
  for (let node = 1; node < length; node++) {
    const above = parent[node]!;
    if (above < 0 || above >= node || func[node] === ROOT || (above > 0 && func[node]! < HIDDEN)) return undefined;
  }
  if (!times(self) || !times(total) || !times(samples)) return undefined;
  return { parent, func, line, self, total, samples };
}

function parseFunctionColumns(data: unknown): FunctionColumns | undefined {
  const columns = record(data);
  if (columns === undefined) return undefined;
  const { func, line, self, total, samples } = columns as Record<keyof FunctionColumns, unknown>;
  if (!(func instanceof Int32Array) || !(line instanceof Int32Array) || !(self instanceof Float64Array)) return undefined;
  if (!(total instanceof Float64Array) || !(samples instanceof Float64Array)) return undefined;
  const { length } = func;
  if (![line, self, total, samples].every((column) => column.length === length)) return undefined;
  if (!func.every((id) => id >= 0) || !times(self) || !times(total) || !times(samples)) return undefined;
  return { func, line, self, total, samples };
}

function parseLeft(message: Json): LeftMessage | undefined {
  const { threads } = message;
  const states = record(message['states']);
  if (!(threads instanceof Float64Array) || !times(threads) || states === undefined) return undefined;
  const left: Partial<Record<SampleState | 'all', number>> = {};
  for (const state of [...sampleStates, 'all'] as const) {
    const time = finite(states[state]);
    if (time === undefined) return undefined;
    left[state] = time;
  }
  return { type: 'left', threads, states: left as LeftMessage['states'] };
}

function parseTimeline(message: Json): TimelineMessage | undefined {
  const number = index(message['number']);
  const until = finite(message['until']);
  const range = parseRange(message['range']);
  const columns = index(message['columns']);
  if (number === undefined || until === undefined || range === undefined || columns === undefined) return undefined;
  if (columns < 1 || columns > MAX_COLUMNS) return undefined;
  const lanes = list(message['lanes'], (lane) => parseLane(lane, columns));
  return lanes === undefined ? undefined : { type: 'timeline', number, until, range, columns, lanes };
}

function parseLane(data: unknown, columns: number): LaneItem | undefined {
  const lane = record(data);
  const thread = index(lane?.['thread']);
  const bands = parseBands(lane?.['bands'], columns);
  const boxes = lane?.['boxes'] === null ? null : parseBoxes(lane?.['boxes'], columns);
  return thread === undefined || bands === undefined || boxes === undefined ? undefined : { thread, bands, boxes };
}

function parseBands(data: unknown, columns: number): LaneBands | undefined {
  const bands = record(data);
  if (bands === undefined) return undefined;
  const { onCpu, ready, waiting, holdsGil, collectsGarbage } = bands as Record<keyof LaneBands, unknown>;
  const isBand = (band: unknown): band is Uint8Array => band instanceof Uint8Array && band.length === columns;
  if (!isBand(onCpu) || !isBand(ready) || !isBand(waiting) || !isBand(holdsGil) || !isBand(collectsGarbage)) return undefined;
  return { onCpu, ready, waiting, holdsGil, collectsGarbage };
}

function parseBoxes(data: unknown, columns: number): LaneBoxes | undefined {
  const boxes = record(data);
  if (boxes === undefined) return undefined;
  const { row, from, to, func } = boxes as Record<keyof LaneBoxes, unknown>;
  if (!(row instanceof Uint16Array) || !(from instanceof Uint16Array) || !(to instanceof Uint16Array)) return undefined;
  if (!(func instanceof Uint32Array)) return undefined;
  const { length } = row;
  if (![from, to, func].every((column) => column.length === length)) return undefined;
  for (let box = 0; box < length; box++) if (row[box]! >= MAX_ROWS || from[box]! >= to[box]! || to[box]! > columns) return undefined;
  return { row, from, to, func };
}

function times(column: Float64Array): boolean {
  return column.every((value) => value >= 0 && value < Infinity);
}
