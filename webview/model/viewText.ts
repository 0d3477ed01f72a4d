import { functionTransforms, libraryTransforms, type Transform } from '../../profile/transforms/transform.ts';
import { FOLDED } from '../../profile/weighedStacks.ts';
import { t } from '../l10n.ts';
import {
  DEFAULT_QUERY,
  MAX_PATH_LENGTH,
  MAX_TRANSFORMS,
  type ParticipantCounts,
  type Query,
  type Scope,
  type TimeRange,
} from '../query.ts';
import { baseName, type Functions } from './functions.ts';

const BEGINNING = 'heatline-view:?';
/** Longer texts are no views: the longest path that can be named takes less. */
const MAX_LENGTH = 1_000_000;
const CALLERS = '-of-callers';

/**
 * A query as a text to hand on, like a URL: `heatline-view:?cpu=1&fn=main@app.py:3&step=focus-function:0`. Functions are told by name, file and
 * line, each once, so that the text means the same for another recording of the program; the file is its whole path only where its last
 * part could be another's.
 */
export function viewText(query: Query, functions: Functions): string {
  const parameters = new URLSearchParams();
  const { scope, onCpuOnly, readyOnly, waitingOnly, gilOnly, gcOnly, range, by, inverted, transforms, sandwich } = query;
  if (scope.kind === 'threads') parameters.append('threads', scope.ids.join('.'));
  else if (scope.kind !== 'all') parameters.append(scope.kind, String(scope.id));
  if (onCpuOnly) parameters.append('cpu', '1');
  if (readyOnly) parameters.append('ready', '1');
  if (waitingOnly) parameters.append('waiting', '1');
  if (gilOnly) parameters.append('gil', '1');
  if (gcOnly) parameters.append('gc', '1');
  if (range !== null) parameters.append('range', `${range.start}-${range.end}`);
  if (by === 'line') parameters.append('lines', '1');
  if (inverted) parameters.append('callers', '1');
  const dictionary = new Map<number, number>();
  const reference = (func: number): number => {
    const known = dictionary.get(func) ?? dictionary.size;
    dictionary.set(func, known);
    return known;
  };
  const steps = transforms.map((transform) => stepText(transform, reference));
  if (sandwich !== null) parameters.append('sandwich', String(reference(sandwich)));
  const names = new Names(functions);
  for (const func of dictionary.keys()) parameters.append('fn', names.of(func));
  for (const step of steps) parameters.append('step', step);
  // What needs no escape in a URL's query is easier to read without.
  return BEGINNING + parameters.toString().replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%40', '@');
}

function stepText(transform: Transform, reference: (func: number) => number): string {
  switch (transform.kind) {
    case 'focusSubtree':
    case 'dropSubtree': {
      const { path, inverted, byLine } = transform;
      const calls: string[] = [];
      for (let step = 0; step + 1 < path.length; step += 2) calls.push(`${reference(path[step]!)}${byLine ? `-${path[step + 1]!}` : ''}`);
      return `${dashed(transform.kind)}${inverted ? CALLERS : ''}:${calls.join('.')}`;
    }
    case 'onlyMine':
      return dashed(transform.kind);
    case 'hideLibrary':
    case 'foldLibrary':
    case 'openLibrary':
      return `${dashed(transform.kind)}:${transform.library}`;
    default:
      return `${dashed(transform.kind)}:${reference(transform.func)}`;
  }
}

/** What such a text asks, or why it can't be asked of this profile. */
export function parseViewText(text: string, functions: Functions, counts: ParticipantCounts): Query | { readonly error: string } {
  const unfit = { error: t('This is no view of Heatline. Copy one with the button beside the steps.') };
  const trimmed = text.trim();
  if (!trimmed.startsWith(BEGINNING) || trimmed.length > MAX_LENGTH) return unfit;
  const parameters = new URLSearchParams(trimmed.slice(BEGINNING.length));
  let scope: Scope = { kind: 'all' };
  const flags = new Set<string>();
  const known: number[] = [];
  let sandwich: string | undefined;
  let range: TimeRange | null = null;
  const steps: string[] = [];
  const names = new Names(functions);
  for (const [key, value] of parameters) {
    switch (key) {
      case 'process':
      case 'thread': {
        const id = number(value);
        if (id === undefined || scope.kind !== 'all') return unfit;
        if (id >= (key === 'thread' ? counts.threads : counts.processes))
          return { error: t('The view is of a thread or process that this profile does not have.') };
        scope = { kind: key, id };
        break;
      }
      case 'threads': {
        const ids = value.split('.').map(number);
        if (scope.kind !== 'all' || ids.length < 2 || !ids.every((id, at) => id !== undefined && (at === 0 || id > ids[at - 1]!)))
          return unfit;
        if (ids.at(-1)! >= counts.threads) return { error: t('The view is of a thread or process that this profile does not have.') };
        scope = { kind: 'threads', ids: ids as number[] };
        break;
      }
      case 'range': {
        const found = /^(\d{1,16}(?:\.\d{1,9})?)-(\d{1,16}(?:\.\d{1,9})?)$/.exec(value);
        if (found === null || Number(found[1]) >= Number(found[2])) return unfit;
        range = { start: Number(found[1]), end: Number(found[2]) };
        break;
      }
      case 'waiting':
      case 'gc':
      case 'cpu':
      case 'ready':
      case 'gil':
      case 'lines':
      case 'callers':
        if (value !== '1') return unfit;
        flags.add(key);
        break;
      case 'fn': {
        const func = names.find(value);
        if (func === undefined) return { error: t('The view is about {0}, which this profile does not have.', value) };
        known.push(func);
        break;
      }
      case 'step':
        steps.push(value);
        break;
      case 'sandwich':
        sandwich = value;
        break;
      default:
        return unfit;
    }
  }
  const transforms = steps.map((step) => parseStep(step, known));
  if (transforms.length > MAX_TRANSFORMS || !transforms.every((transform) => transform !== undefined)) return unfit;
  const centre = sandwich === undefined ? null : known[number(sandwich) ?? -1];
  if (centre === undefined) return unfit;
  return {
    ...DEFAULT_QUERY,
    sandwich: centre,
    scope,
    onCpuOnly: flags.has('cpu'),
    readyOnly: flags.has('ready'),
    waitingOnly: flags.has('waiting'),
    gilOnly: flags.has('gil'),
    gcOnly: flags.has('gc'),
    range,
    by: flags.has('lines') ? 'line' : 'function',
    inverted: flags.has('callers'),
    transforms,
  };
}

function parseStep(text: string, known: readonly number[]): Transform | undefined {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  if (name === dashed('onlyMine')) return colon < 0 ? { kind: 'onlyMine' } : undefined;
  for (const kind of libraryTransforms) if (name === dashed(kind)) return rest === '' ? undefined : { kind, library: rest };
  for (const kind of functionTransforms) {
    if (name !== dashed(kind)) continue;
    const func = known[number(rest) ?? -1];
    return func === undefined ? undefined : { kind, func };
  }
  for (const kind of ['focusSubtree', 'dropSubtree'] as const) {
    for (const inverted of [false, true]) {
      if (name !== dashed(kind) + (inverted ? CALLERS : '')) continue;
      const byLine = rest.includes('-');
      const path = parsePathText(rest, known, byLine);
      return path && { kind, path, inverted, byLine };
    }
  }
  return undefined;
}

function parsePathText(text: string, known: readonly number[], byLine: boolean): number[] | undefined {
  const path: number[] = [];
  for (const call of text.split('.')) {
    const [reference = '', line, ...more] = call.split('-');
    const func = known[number(reference) ?? -1];
    const at = line === undefined ? (byLine ? undefined : 0) : number(line);
    if (func === undefined || at === undefined || more.length > 0) return undefined;
    path.push(func, at);
  }
  return path.length > MAX_PATH_LENGTH ? undefined : path;
}

/** How functions are told in texts. */
class Names {
  readonly #functions: Functions;
  /** By name, with the file's last part and with all of it: the function; -1 where there are several. */
  readonly #found = new Map<string, number>();

  constructor(functions: Functions) {
    this.#functions = functions;
    for (let func = 0; func < functions.count; func++) {
      const [short, long] = [this.#short(func), this.#long(func)];
      this.#found.set(short, this.#found.has(short) ? -1 : func);
      // Of the same code that was compiled twice the first is meant.
      if (long !== short && !this.#found.has(long)) this.#found.set(long, func);
    }
  }

  of(func: number): string {
    if (func >= FOLDED) return `[${this.#functions.library(func) ?? ''}]`;
    return this.#found.get(this.#short(func)) === func ? this.#short(func) : this.#long(func);
  }

  find(name: string): number | undefined {
    if (name.startsWith('[') && name.endsWith(']')) return this.#functions.folded(name.slice(1, -1));
    const func = this.#found.get(name);
    return func === -1 ? undefined : func;
  }

  #short(func: number): string {
    return this.#text(func, baseName(this.#functions.file(func)));
  }

  #long(func: number): string {
    return this.#text(func, this.#functions.file(func));
  }

  #text(func: number, file: string): string {
    return `${this.#functions.names[func]!}@${file}:${this.#functions.firstLine(func)}`;
  }
}

/** focusFunction: focus-function. */
function dashed(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function number(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
