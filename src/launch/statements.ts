/** A statement of Python source, as far as finding entry points and tests needs it. */
export interface Statement {
  /** 0-based line it starts at. */
  readonly line: number;
  /** Width of the white space before it; a tab goes to the next multiple of 8, as Python counts. */
  readonly indent: number;
  /** Its first line without the white space around it. */
  readonly text: string;
  /** All of it, without the white space before. */
  readonly whole: string;
  /** 0-based line it ends at. */
  readonly endLine: number;
}

/** Sources are looked at so far, characters: what is longer was made by a program. */
const MAX_LENGTH = 2_000_000;

/** The statements of a source in order: strings, brackets and continued lines are one with the statement they are in. */
export function* statements(source: string): Generator<Statement> {
  const text = source.length > MAX_LENGTH ? source.slice(0, MAX_LENGTH) : source;
  let at = 0;
  let line = 0;
  while (at < text.length) {
    const startLine = line;
    const { indent, start } = indentation(text, at);
    const first = text[start];
    const end =
      first === undefined || isLineEnd(first) || first === '#' ? { at: lineEnd(text, start), line } : statementEnd(text, start, line);
    if (first !== undefined && !isLineEnd(first) && first !== '#') {
      yield {
        line: startLine,
        indent,
        text: text.slice(start, lineEnd(text, start)).trimEnd(),
        whole: text.slice(start, end.at),
        endLine: end.line,
      };
    }
    at = afterLineEnd(text, end.at);
    line = end.line + 1;
  }
}

function indentation(text: string, from: number): { readonly indent: number; readonly start: number } {
  let indent = 0;
  let start = from;
  for (; ; start++) {
    const character = text[start];
    if (character === ' ') indent++;
    else if (character === '\t') indent += 8 - (indent % 8);
    else if (character === '\f') indent = 0;
    else if (character !== '\uFEFF') return { indent, start };
  }
}

/** The end of the last line of the statement that starts at `from`. */
function statementEnd(text: string, from: number, fromLine: number): { readonly at: number; readonly line: number } {
  let depth = 0;
  let line = fromLine;
  let at = from;
  while (at < text.length) {
    const character = text[at]!;
    if (isLineEnd(character)) {
      if (depth === 0) break;
      at = afterLineEnd(text, at);
      line++;
    } else if (character === '\\' && isLineEnd(text[at + 1] ?? '')) {
      at = afterLineEnd(text, at + 1);
      line++;
    } else if (character === '#') {
      at = lineEnd(text, at);
    } else if (character === '"' || character === "'") {
      const end = stringEnd(text, at);
      line += lineBreaks(text, at, end);
      at = end;
    } else {
      if (character === '(' || character === '[' || character === '{') depth++;
      else if (character === ')' || character === ']' || character === '}') depth = Math.max(0, depth - 1);
      at++;
    }
  }
  return { at, line };
}

/** After the closing quote; an unclosed string in single quotes ends with its line. */
function stringEnd(text: string, from: number): number {
  const quote = text[from]!;
  const isTriple = text.startsWith(quote.repeat(3), from);
  let at = from + (isTriple ? 3 : 1);
  while (at < text.length) {
    const character = text[at]!;
    if (character === '\\') at += text.startsWith('\r\n', at + 1) ? 3 : 2;
    else if (isTriple ? text.startsWith(quote.repeat(3), at) : character === quote) return at + (isTriple ? 3 : 1);
    else if (!isTriple && isLineEnd(character)) return at;
    else at++;
  }
  return text.length;
}

function isLineEnd(character: string): boolean {
  return character === '\n' || character === '\r';
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineEnd(text[at]!)) at++;
  return at;
}

function afterLineEnd(text: string, at: number): number {
  return at + (text.startsWith('\r\n', at) ? 2 : 1);
}

function lineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n')) count++;
  return count;
}
