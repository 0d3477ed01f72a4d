import { MAX_COLUMNS } from '../profile/timeline/lane.ts';
import { MAX_LANES, MAX_OPEN_LANES, pageCommands, type PageMessage, type TimelineQueryMessage } from './messages.ts';
import { finite, index, type Json, list, oneOf, record } from './parse.ts';
import { parsePath, parseQuery, parseRange } from './parseQuery.ts';

/** What the page said, or undefined if it makes no sense. */
export function parsePageMessage(data: unknown): PageMessage | undefined {
  const message = record(data);
  switch (message?.['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'query': {
      const number = index(message['number']);
      const query = parseQuery(message['query']);
      return number === undefined || query === undefined ? undefined : { type: 'query', number, query };
    }
    case 'detail': {
      const path = parsePath(message['path']);
      const span = finite(message['span']);
      return path === undefined || span === undefined || span <= 0 ? undefined : { type: 'detail', path, span };
    }
    case 'open': {
      const func = index(message['func']);
      const line = index(message['line']);
      const path = message['path'] === null ? null : parsePath(message['path']);
      return func === undefined || line === undefined || path === undefined ? undefined : { type: 'open', func, line, path };
    }
    case 'timeline':
      return parseTimelineQuery(message);
    case 'command': {
      const command = oneOf(message['command'], pageCommands);
      return command && { type: 'command', command };
    }
    default:
      return undefined;
  }
}

function parseTimelineQuery(message: Json): TimelineQueryMessage | undefined {
  const number = index(message['number']);
  const range = message['range'] === null ? null : parseRange(message['range']);
  const columns = index(message['columns']);
  const threads = list(message['threads'], index);
  const open = list(message['open'], index);
  if (number === undefined || range === undefined || columns === undefined || threads === undefined || open === undefined) return undefined;
  if (columns < 1 || columns > MAX_COLUMNS || threads.length > MAX_LANES || open.length > MAX_OPEN_LANES) return undefined;
  return { type: 'timeline', number, range, columns, threads, open };
}
