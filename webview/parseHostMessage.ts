import { noStopsReasons } from '../profile/delta.ts';
import {
  HIDDEN,
  pageActions,
  ROOT,
  type FunctionColumns,
  type FunctionsMessage,
  type HostMessage,
  type ProcessItem,
  type QualityFigures,
  type StatusMessage,
  type ThreadItem,
  type TreeColumns,
  type TreeMessage,
} from './messages.ts';
import { parseQuery, parseSamples } from './parseQuery.ts';
import { finite, index, list, oneOf, record, strings, type Json } from './parse.ts';

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
  if (pid === undefined || typeof name !== 'string' || typeof pythonVersion !== 'string') return undefined;
  return { pid, name, pythonVersion };
}

function parseThread(data: unknown): ThreadItem | undefined {
  const item = record(data);
  const process = index(item?.['process']);
  const osThreadId = finite(item?.['osThreadId']);
  const { name, ended } = (item ?? {}) as { name?: unknown; ended?: unknown };
  if (process === undefined || osThreadId === undefined || typeof name !== 'string' || typeof ended !== 'boolean') return undefined;
  return { process, osThreadId, name, ended };
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
  if (query === undefined || hiddenNodes === undefined || totalSamples === undefined) return undefined;
  if (callers === undefined || totalTime === undefined || totalTime < 0) return undefined;
  if (nodes === undefined || functions === undefined || samplesBeforeSteps === undefined) return undefined;
  return { type: 'tree', query, hiddenNodes, totalSamples, totalTime, samplesBeforeSteps, nodes, callers, functions };
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

function times(column: Float64Array): boolean {
  return column.every((value) => value >= 0 && value < Infinity);
}
