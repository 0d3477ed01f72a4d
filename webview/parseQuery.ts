import { processOfNode } from '../profile/callTree.ts';
import { index, list, oneOf, record } from './parse.ts';
import { MAX_PATH_LENGTH, type NodePath, type Query, type SampleChoice, type Scope } from './query.ts';

/** From a message, or from what was stored. */
export function parseQuery(data: unknown): Query | undefined {
  const query = record(data);
  const samples = parseSamples(data);
  const inverted = query?.['inverted'];
  const by = oneOf(query?.['by'], ['function', 'line']);
  return samples === undefined || by === undefined || typeof inverted !== 'boolean' ? undefined : { ...samples, by, inverted };
}

export function parseSamples(data: unknown): SampleChoice | undefined {
  const samples = record(data);
  if (samples === undefined) return undefined;
  const { onCpuOnly, readyOnly, gilOnly } = samples as { onCpuOnly?: unknown; readyOnly?: unknown; gilOnly?: unknown };
  const scope = parseScope(samples['scope']);
  if (scope === undefined || typeof onCpuOnly !== 'boolean' || typeof readyOnly !== 'boolean' || typeof gilOnly !== 'boolean')
    return undefined;
  return { scope, onCpuOnly, readyOnly, gilOnly };
}

function parseScope(data: unknown): Scope | undefined {
  const scope = record(data);
  const kind = oneOf(scope?.['kind'], ['all', 'process', 'thread']);
  if (kind === undefined || kind === 'all') return kind && { kind };
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
