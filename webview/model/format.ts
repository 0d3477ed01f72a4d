import { t } from '../l10n.ts';

/** Writes numbers the way the user's language does. */
export class NumberFormat {
  readonly #count: Intl.NumberFormat;
  readonly #compact: Intl.NumberFormat;
  readonly #digits: readonly Intl.NumberFormat[];
  readonly #percents: readonly Intl.NumberFormat[];

  constructor(language: string) {
    const locale = supportedLanguage(language);
    this.#count = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
    this.#compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 });
    const fixed = (style: 'decimal' | 'percent') => (digits: number) =>
      new Intl.NumberFormat(locale, { style, minimumFractionDigits: digits, maximumFractionDigits: digits });
    this.#digits = [0, 1, 2].map(fixed('decimal'));
    this.#percents = [0, 1, 2].map(fixed('percent'));
  }

  count(value: number): string {
    return this.#count.format(value);
  }

  /** Short: 12.3K */
  compact(value: number): string {
    return value < 10_000 ? this.count(Math.round(value)) : this.#compact.format(value);
  }

  /** Three digits that matter, for instance 0 µs, 870 µs, 12.3 ms, 4.56 s, 2 min 3 s, 5 h 7 min. */
  time(microseconds: number): string {
    if (microseconds < 999.5) return t('{0} µs', this.count(microseconds));
    if (microseconds < 999_500) return t('{0} ms', this.#threeDigits(microseconds / 1e3));
    if (microseconds < 59_950_000) return t('{0} s', this.#threeDigits(microseconds / 1e6));
    const seconds = Math.round(microseconds / 1e6);
    if (seconds < 3600) return t('{0} min {1} s', Math.floor(seconds / 60), seconds % 60);
    return t('{0} h {1} min', this.count(Math.floor(seconds / 3600)), Math.floor((seconds % 3600) / 60));
  }

  /** Of a share between 0 and 1, for instance 45%, 4.5%, 0.45%, <0.01%. */
  percent(share: number): string {
    if (!(share > 0)) return this.#percents[0]!.format(0);
    if (share < 0.0001) return t('<{0}', this.#percents[2]!.format(0.0001));
    if (share < 0.00995) return this.#percents[2]!.format(share);
    return this.#percents[share < 0.9995 ? 1 : 0]!.format(share);
  }

  /** Of a share between 0 and 1 that is known to some hundredths: 45%; 1% at least where there is any. */
  wholePercent(share: number): string {
    return this.#percents[0]!.format(share > 0 ? Math.max(0.01, share) : 0);
  }

  #threeDigits(value: number): string {
    return this.#digits[value < 9.995 ? 2 : value < 99.95 ? 1 : 0]!.format(value);
  }
}

/** Part of a whole, 0 if there is no whole. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}

/** A tag that Intl knows. */
export function supportedLanguage(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
