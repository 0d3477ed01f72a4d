/** What a tool answers: a few sentences in Markdown, and the same and more as JSON. */
export interface Answer {
  readonly summary: string;
  readonly data: unknown;
}

/** Characters that are kept of a name, path or line: programs choose them. */
const longestText = 300;

/** The parts of an answer, as texts. */
export function answerTexts({ summary, data }: Answer): readonly [string, string] {
  return [summary, JSON.stringify(data, (_key, value: unknown) => (typeof value === 'string' ? cut(value) : value))];
}

/** Something that a program named, as code in Markdown: in one line, and ending where it should. */
export function code(text: string): string {
  return `\`${cut(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '�')
    .replaceAll('`', '’')}\``;
}

/** A share from 0 to 1, in percent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A share to a thousandth. */
export function rounded(share: number): number {
  return Number(share.toFixed(3));
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
