import { t } from '../l10n.ts';

/** What a regular expression found. */
export type PatternResult =
  /** 1 by position of the text that it matches. */
  | { readonly kind: 'found'; readonly matches: Uint8Array }
  /** Why there is nothing: it is no pattern, or none that can be matched in time. Localised. */
  | { readonly kind: 'failed'; readonly error: string };

/** ms after which a pattern is given up: those that try all ways to match would take years. */
const LIMIT = 2000;

/**
 * Matching can't be interrupted, so it runs in a worker, which can be ended; of a text and not of a file, because the page may load no
 * script but its own.
 */
const WORKER = `onmessage = ({ data: { pattern, texts } }) =>
  postMessage(Uint8Array.from(texts, (text) => (pattern.test(text) ? 1 : 0)));`;

/** A regular expression as it was typed; a text where it is none. */
export function patternOf(source: string, matchCase: boolean): RegExp | string {
  try {
    // Name and file are two lines, so that ^ and $ are about either.
    return new RegExp(source, matchCase ? 'mu' : 'imu');
  } catch {
    // Without "u" more is allowed, for instance "\-".
  }
  try {
    return new RegExp(source, matchCase ? 'm' : 'im');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return t('Not a regular expression: {0}', reason.slice(reason.lastIndexOf(': ') + 1).trim());
  }
}

/** Matches a pattern with texts and calls back once, unless it is called off before. */
export function matchPattern(pattern: RegExp, texts: readonly string[], done: (result: PatternResult) => void): () => void {
  const address = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
  const worker = new Worker(address);
  const end = (): void => {
    clearTimeout(timer);
    worker.terminate();
    URL.revokeObjectURL(address);
  };
  const finish = (result: PatternResult): void => {
    end();
    done(result);
  };
  const timer = setTimeout(
    () =>
      finish({
        kind: 'failed',
        error: t('This regular expression takes too long. Make it simpler, for instance without nested repetitions.'),
      }),
    LIMIT,
  );
  worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof Uint8Array && data.length === texts.length) finish({ kind: 'found', matches: data });
  });
  worker.addEventListener('error', () => finish({ kind: 'failed', error: t('Regular expressions can’t be used here.') }));
  worker.postMessage({ pattern, texts });
  return end;
}
