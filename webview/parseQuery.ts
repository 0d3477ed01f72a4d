import { processOfNode } from '../profile/callTree.ts';
import { functionTransforms, libraryTransforms, type Transform } from '../profile/transforms/transform.ts';
import { finite, index, list, oneOf, record } from './parse.ts';
import { MAX_PATH_LENGTH, MAX_TRANSFORMS, type NodePath, type Query, type SampleChoice, type Scope, type TimeRange } from './query.ts';

/** From a message, or from what was stored. */
export function parseQuery(data: unknown): Query | undefined {
  const query = record(data);
  const samples = parseSamples(data);
  const inverted = query?.['inverted'];
  const by = oneOf(query?.['by'], ['function', 'line']);
  const sandwich = query?.['sandwich'] === null ? null : index(query?.['sandwich']);
  if (samples === undefined || by === undefined || typeof inverted !== 'boolean' || sandwich === undefined) return undefined;
  return { ...samples, by, inverted, sandwich };
}

export function parseSamples(data: unknown): SampleChoice | undefined {
  const samples = record(data);
  if (samples === undefined) return undefined;
  const { onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly } = samples as Partial<Record<keyof SampleChoice, unknown>>;
  const scope = parseScope(samples['scope']);
  const range = samples['range'] === null ? null : parseRange(samples['range']);
  const transforms = list(samples['transforms'], parseTransform);
  if (scope === undefined || range === undefined) return undefined;
  if (transforms === undefined || transforms.length > MAX_TRANSFORMS) return undefined;
  if (typeof onCpuOnly !== 'boolean' || typeof readyOnly !== 'boolean' || typeof waitingOnly !== 'boolean') return undefined;
  if (typeof gilOnly !== 'boolean' || typeof gcOnly !== 'boolean') return undefined;
  return { scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, transforms };
}

export function parseRange(data: unknown): TimeRange | undefined {
  const range = record(data);
  const start = finite(range?.['start']);
  const end = finite(range?.['end']);
  return start === undefined || end === undefined || start < 0 || end <= start ? undefined : { start, end };
}

function parseTransform(data: unknown): Transform | undefined {
  const transform = record(data) ?? {};
  const { inverted, byLine, library } = transform as { inverted?: unknown; byLine?: unknown; library?: unknown };
  const kind = oneOf(transform['kind'], ['focusSubtree', 'dropSubtree', 'onlyMine', ...functionTransforms, ...libraryTransforms]);
  switch (kind) {
    case undefined:
      return undefined;
    case 'onlyMine':
      return { kind };
    case 'focusSubtree':
    case 'dropSubtree': {
      const path = list(transform['path'], index);
      if (path === undefined || path.length > MAX_PATH_LENGTH || path.length % 2 !== 0) return undefined;
      return typeof inverted === 'boolean' && typeof byLine === 'boolean' ? { kind, path, inverted, byLine } : undefined;
    }
    case 'hideLibrary':
    case 'foldLibrary':
    case 'openLibrary':
      return typeof library === 'string' ? { kind, library } : undefined;
    default: {
      const func = index(transform['func']);
      return func === undefined ? undefined : { kind, func };
    }
  }
}

function parseScope(data: unknown): Scope | undefined {
  const scope = record(data);
  const kind = oneOf(scope?.['kind'], ['all', 'process', 'thread', 'threads']);
  if (kind === undefined || kind === 'all') return kind && { kind };
  if (kind === 'threads') {
    const ids = list(scope?.['ids'], index);
    const isInOrder = ids !== undefined && ids.length >= 2 && ids.every((id, at) => at === 0 || id > ids[at - 1]!);
    return isInOrder ? { kind, ids } : undefined;
  }
  const id = index(scope?.['id']);
  return id === undefined ? undefined : { kind, id };
}

export function parsePath(data: unknown): NodePath | undefined {
  if (!Array.isArray(data) || data.length > MAX_PATH_LENGTH || data.length % 2 !== 0) return undefined;
  if (data.length === 0) return [];
  const first = index(data[0]) ?? processStep(data[0]);
  const rest = list(data.slice(1), index);
  return first === undefined || rest === undefined ? undefined : [first, ...rest];
}

function processStep(data: unknown): number | undefined {
  return typeof data === 'number' && (data | 0) === data && processOfNode(data) !== undefined ? data : undefined;
}
