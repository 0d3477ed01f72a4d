import { ProfileFormatError } from '../profileFormatError.ts';
import { JsonBudget } from './jsonBudget.ts';

/** Bytes: a stack of ten thousand frames with long paths. */
const MAX_LINE = 4_000_000;

const LINE_FEED = 0x0a;

/** Cuts UTF-8 text that comes in pieces into its lines, without the white space at their ends, and counts them. */
export class TextLines {
  readonly #what: string;
  readonly #take: (line: string) => void;
  readonly #budget = new JsonBudget();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  /** The beginning of a line whose end has not come. */
  #rest: Uint8Array[] = [];
  #restLength = 0;
  #lines = 0;

  /** @param what the file ought to be, for errors: "a file of collapsed stacks". @param take gets each line */
  constructor(what: string, take: (line: string) => void) {
    this.#what = what;
    this.#take = take;
  }

  /** @throws ProfileFormatError for what is no text, or too long, or what `take` throws */
  push(bytes: Uint8Array): void {
    this.#budget.pass(bytes.length);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      this.#line(this.#whole(bytes.subarray(from, end)));
      from = end + 1;
    }
    if (from === bytes.length) return;
    this.#restLength += bytes.length - from;
    if (this.#restLength > MAX_LINE) this.#failAt('is longer than Heatline can read', this.#lines + 1);
    this.#rest.push(bytes.slice(from));
  }

  /** Takes the last line, if no line feed ended it. */
  end(): void {
    if (this.#restLength > 0) this.#line(this.#whole(new Uint8Array(0)));
  }

  /** @param problem of the line that was taken last */
  fail(problem: string): never {
    return this.#failAt(problem, this.#lines);
  }

  #failAt(problem: string, line: number): never {
    throw new ProfileFormatError(`This is not ${this.#what}: line ${line} ${problem}.`);
  }

  #whole(last: Uint8Array): Uint8Array {
    if (this.#restLength === 0) return last;
    const whole = new Uint8Array(this.#restLength + last.length);
    let at = 0;
    for (const part of [...this.#rest, last]) {
      whole.set(part, at);
      at += part.length;
    }
    this.#rest = [];
    this.#restLength = 0;
    return whole;
  }

  #line(bytes: Uint8Array): void {
    this.#lines++;
    if (bytes.length > MAX_LINE) this.fail('is longer than Heatline can read');
    let text: string;
    try {
      text = this.#decoder.decode(bytes).trimEnd();
    } catch {
      return this.fail('is no UTF-8');
    }
    this.#take(text);
  }
}
