import { ProfileFormatError } from '../../profileFormatError.ts';
import { FirefoxReader } from '../firefox.ts';
import type { ProfileReader } from '../format.ts';
import type { SavedProfile } from '../savedProfile.ts';
import { profileId } from './page.ts';

/** The element's beginning, which is in no text of the page: `<` is written in another way there. */
const start = new TextEncoder().encode(`<script type="application/json" id="${profileId}">`);
const lessThan = '<'.charCodeAt(0);

/** Reads the profile in a page that Heatline wrote. */
export class PageReader implements ProfileReader {
  readonly #json = new FirefoxReader();
  /** Bytes of `start` that were the last ones so far. */
  #matched = 0;
  #state: 'before' | 'inside' | 'after' = 'before';

  push(bytes: Uint8Array): void {
    let at = 0;
    if (this.#state === 'before') {
      while (at < bytes.length && this.#matched < start.length) {
        // It has one "<", its first.
        if (bytes[at] === start[this.#matched]) this.#matched++;
        else this.#matched = bytes[at] === lessThan ? 1 : 0;
        at++;
      }
      if (this.#matched < start.length) return;
      this.#state = 'inside';
    }
    if (this.#state === 'after') return;
    const end = bytes.indexOf(lessThan, at);
    this.#json.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    if (end >= 0) this.#state = 'after';
  }

  end(): SavedProfile {
    if (this.#state === 'before')
      throw new ProfileFormatError('This page has no profile in it: Heatline did not write it, or it was changed since.');
    return this.#json.end();
  }
}
