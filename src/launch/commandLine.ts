/**
 * Takes arguments apart as a POSIX shell does, without expanding anything: white space separates, quotes join,
 * a backslash takes the next character as it is (outside quotes not on Windows, whose paths have them).
 * @returns undefined if a quote is not closed
 */
export function splitArguments(text: string, platform: NodeJS.Platform = process.platform): string[] | undefined {
  const result: string[] = [];
  let word = '';
  let isWord = false; // "" is a word, too
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const next = text[at + 1];
    if (quote === "'") {
      if (character === quote) quote = '';
      else word += character;
    } else if (quote === '"') {
      if (character === quote) quote = '';
      else if (character === '\\' && (next === '"' || next === '\\')) word += text[++at]!;
      else word += character;
    } else if (/\s/.test(character)) {
      if (isWord) result.push(word);
      word = '';
      isWord = false;
    } else {
      isWord = true;
      if (character === '"' || character === "'") quote = character;
      else if (character === '\\' && platform !== 'win32' && next !== undefined) word += text[++at]!;
      else word += character;
    }
  }
  if (quote !== '') return undefined;
  if (isWord) result.push(word);
  return result;
}

/** Writes arguments so that `splitArguments` takes them apart again. */
export function joinArguments(args: readonly string[]): string {
  return args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `"${arg.replaceAll(/["\\]/g, '\\$&')}"`)).join(' ');
}
