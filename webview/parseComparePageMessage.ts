import { compareCounts, type ComparePageMessage, type CompareQuery } from './compareMessages.ts';
import { index, oneOf, record } from './parse.ts';

/** What a page that compares said, or undefined if it makes no sense. */
export function parseComparePageMessage(data: unknown): ComparePageMessage | undefined {
  const message = record(data);
  switch (message?.['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'swap':
      return { type: 'swap' };
    case 'compareQuery': {
      const query = parseCompareQuery(message['query']);
      return query && { type: 'compareQuery', query };
    }
    case 'openPlace': {
      const { file } = message;
      const line = index(message['line']);
      return typeof file !== 'string' || line === undefined ? undefined : { type: 'openPlace', file, line };
    }
    default:
      return undefined;
  }
}

export function parseCompareQuery(data: unknown): CompareQuery | undefined {
  const query = record(data);
  const by = oneOf(query?.['by'], ['share', 'seconds']);
  const count = oneOf(query?.['count'], compareCounts);
  const lines = query?.['lines'];
  return by === undefined || count === undefined || typeof lines !== 'boolean' ? undefined : { by, count, lines };
}
