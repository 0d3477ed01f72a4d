import { pageCommands, type PageMessage } from './messages.ts';
import { finite, index, oneOf, record } from './parse.ts';
import { parsePath, parseQuery } from './parseQuery.ts';

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
    case 'command': {
      const command = oneOf(message['command'], pageCommands);
      return command && { type: 'command', command };
    }
    default:
      return undefined;
  }
}
