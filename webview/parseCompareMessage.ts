import type { CompareChange, CompareFunctions, CompareMessage, CompareRow, CompareSide, CompareTree } from './compareMessages.ts';
import { finite, index, list, oneOf, record, strings } from './parse.ts';
import { parseCompareQuery } from './parseComparePageMessage.ts';

/** What the host said of two profiles, or undefined if it makes no sense. */
export function parseCompareMessage(data: unknown): CompareMessage | undefined {
  const message = record(data);
  if (message?.['type'] !== 'compare') return undefined;
  const { language } = message;
  const translations = Object.entries(record(message['translations']) ?? {});
  const query = parseCompareQuery(message['query']);
  const before = parseSide(message['before']);
  const after = parseSide(message['after']);
  const program = message['program'] === null ? null : parseChange(message['program']);
  const functions = parseFunctions(message['functions']);
  const tree = functions && parseTree(message['tree'], functions.names.length);
  const rows = list(message['rows'], parseRow);
  const moreRows = index(message['moreRows']);
  if (typeof language !== 'string' || query === undefined || before === undefined || after === undefined || program === undefined)
    return undefined;
  if (functions === undefined || tree === undefined || rows === undefined || moreRows === undefined) return undefined;
  return {
    type: 'compare',
    language,
    translations: Object.fromEntries(translations.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    query,
    before,
    after,
    program,
    functions,
    tree,
    rows,
    moreRows,
  };
}

function parseSide(data: unknown): CompareSide | undefined {
  const side = record(data);
  const title = side?.['title'];
  const seconds = finite(side?.['seconds']);
  const samples = finite(side?.['samples']);
  return typeof title !== 'string' || seconds === undefined || samples === undefined ? undefined : { title, seconds, samples };
}

function parseChange(data: unknown): CompareChange | undefined {
  const change = record(data);
  const before = finite(change?.['before']);
  const after = finite(change?.['after']);
  const isSignificant = change?.['isSignificant'];
  return before === undefined || after === undefined || typeof isSignificant !== 'boolean' ? undefined : { before, after, isSignificant };
}

function parseFunctions(data: unknown): CompareFunctions | undefined {
  const functions = record(data);
  const names = strings(functions?.['names']);
  const files = strings(functions?.['files']);
  const firstLines = functions?.['firstLines'];
  if (names === undefined || files?.length !== names.length || !(firstLines instanceof Int32Array)) return undefined;
  return firstLines.length === names.length ? { names, files, firstLines } : undefined;
}

function parseTree(data: unknown, functions: number): CompareTree | undefined {
  const tree = record(data);
  const hiddenNodes = index(tree?.['hiddenNodes']);
  if (tree === undefined || hiddenNodes === undefined) return undefined;
  const { parent, func, isSignificant, ...times } = tree as Record<keyof CompareTree, unknown>;
  if (!(parent instanceof Int32Array) || !(func instanceof Int32Array) || !(isSignificant instanceof Uint8Array)) return undefined;
  const { length } = parent;
  if (length === 0 || parent[0] !== -1 || func[0] !== -1 || func.length !== length || isSignificant.length !== length) return undefined;
  for (let node = 1; node < length; node++)
    if (parent[node]! < 0 || parent[node]! >= node || func[node]! < 0 || func[node]! >= functions) return undefined;
  const { selfBefore, selfAfter, totalBefore, totalAfter } = times;
  const isTimes = (column: unknown): column is Float64Array =>
    column instanceof Float64Array && column.length === length && column.every((time) => time >= 0 && time < Infinity);
  if (!isTimes(selfBefore) || !isTimes(selfAfter) || !isTimes(totalBefore) || !isTimes(totalAfter)) return undefined;
  return { parent, func, selfBefore, selfAfter, totalBefore, totalAfter, isSignificant, hiddenNodes };
}

function parseRow(data: unknown): CompareRow | undefined {
  const row = record(data);
  const { name, file } = (row ?? {}) as { name?: unknown; file?: unknown };
  const line = index(row?.['line']);
  const self = parseChange(row?.['self']);
  const total = parseChange(row?.['total']);
  const onlyIn = row?.['onlyIn'] === null ? null : oneOf(row?.['onlyIn'], ['before', 'after']);
  if (typeof name !== 'string' || typeof file !== 'string' || line === undefined) return undefined;
  return self === undefined || total === undefined || onlyIn === undefined ? undefined : { name, file, line, self, total, onlyIn };
}
