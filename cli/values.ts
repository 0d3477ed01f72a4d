/** The command line makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** @throws UsageError */
export function parsePid(text: string): number {
  return integer(text, 2 ** 31 - 1, 'a process id');
}

/** As people may give it: py-spy takes hexadecimal numbers, too. @throws UsageError */
export function parseAnyPid(text: string): number {
  return parsePid(/^0x[0-9a-f]{1,8}$/i.test(text) ? String(Number(text)) : text);
}

/** @throws UsageError */
export function parseRate(text: string): number | 'max' {
  return text === 'max' ? 'max' : decimal(text, 1, 1e6, 'a rate between 1 and 1000000, or max');
}

/** @returns ms. @throws UsageError */
export function parseDuration(text: string): number {
  return decimal(text, 0.001, 1e9, 'a number of seconds') * 1000;
}

/** @returns ms. @throws UsageError */
export function parseDelay(text: string): number {
  return decimal(text, 0.1, 3600, 'a number of seconds between 0.1 and 3600') * 1000;
}

/** From 0 on. @throws UsageError */
export function parsePercent(text: string, maximum: number): number {
  return decimal(text, 0, maximum, `a percentage between 0 and ${maximum}`);
}

/** From 1 on. @throws UsageError */
export function integer(text: string, maximum: number, what: string): number {
  const value = decimal(text, 1, maximum, what);
  if (!Number.isInteger(value)) throw new UsageError(`'${text}' is not ${what}`);
  return value;
}

function decimal(text: string, minimum: number, maximum: number, what: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= minimum && value <= maximum)) throw new UsageError(`'${text}' is not ${what}`);
  return value;
}
