import * as vscode from 'vscode';

/** Figures as people of a language write them. */
export class Format {
  readonly #locale: string;
  readonly #formats = new Map<string, Intl.NumberFormat>();

  /** A BCP 47 tag; one the system does not know falls back on its own language. */
  constructor(locale: string) {
    this.#locale = Intl.NumberFormat.supportedLocalesOf(locale.replaceAll('_', '-')).length > 0 ? locale : 'en';
  }

  /** A share from 0 to 1: "43%", "4.3%", "<0.1%". */
  share(share: number): string {
    if (share > 0 && share < 0.001) return `<${this.#number(0.001, { style: 'percent', maximumFractionDigits: 1 })}`;
    return this.#number(share, { style: 'percent', maximumFractionDigits: share < 0.0995 ? 1 : 0 });
  }

  /**
   * A time in µs: "850 µs", "12 ms", "3.4 s", "2 min 5 s"; units as in the flame graph (webview/model/format.ts), which has room
   * for another digit.
   */
  time(microseconds: number): string {
    const { t } = vscode.l10n;
    if (microseconds < 999.5) return t('{0} µs', this.#twoDigits(microseconds));
    if (microseconds < 999_500) return t('{0} ms', this.#twoDigits(microseconds / 1000));
    if (microseconds < 59_950_000) return t('{0} s', this.#twoDigits(microseconds / 1_000_000));
    const seconds = Math.round(microseconds / 1_000_000);
    if (seconds < 3600) return t('{0} min {1} s', Math.floor(seconds / 60), seconds % 60);
    return t('{0} h {1} min', this.count(Math.floor(seconds / 3600)), Math.floor((seconds % 3600) / 60));
  }

  /** A whole number: "12,345". */
  count(count: number): string {
    return this.#number(Math.round(count), {});
  }

  /** A whole number in little room: "987", "12K". */
  shortCount(count: number): string {
    return count < 9999.5 ? this.count(count) : this.#number(count, { notation: 'compact', maximumSignificantDigits: 3 });
  }

  /** How long before `now` a moment was, both ms since 1970: "5 min. ago". */
  ago(moment: number, now: number): string {
    const seconds = Math.max(0, Math.round((now - moment) / 1000));
    const format = new Intl.RelativeTimeFormat(this.#locale, { style: 'short' });
    if (seconds < 60) return format.format(-seconds, 'second');
    if (seconds < 3600) return format.format(-Math.floor(seconds / 60), 'minute');
    if (seconds < 86_400) return format.format(-Math.floor(seconds / 3600), 'hour');
    return format.format(-Math.floor(seconds / 86_400), 'day');
  }

  /** A moment of today: "3:04:05 PM". */
  clock(moment: Date): string {
    return new Intl.DateTimeFormat(this.#locale, { timeStyle: 'medium' }).format(moment);
  }

  /** A moment, both ms since 1970: "3:04 PM", with the day ("Jan 31, 3:04 PM") if that is not today's. */
  moment(moment: number, now: number): string {
    const isToday = new Date(moment).toDateString() === new Date(now).toDateString();
    const day: Intl.DateTimeFormatOptions = isToday ? {} : { month: 'short', day: 'numeric' };
    return new Intl.DateTimeFormat(this.#locale, { ...day, hour: 'numeric', minute: '2-digit' }).format(moment);
  }

  #twoDigits(value: number): string {
    return this.#number(value, { maximumFractionDigits: value < 9.95 ? 1 : 0 });
  }

  #number(value: number, options: Intl.NumberFormatOptions): string {
    const key = JSON.stringify(options);
    let format = this.#formats.get(key);
    if (format === undefined) this.#formats.set(key, (format = new Intl.NumberFormat(this.#locale, options)));
    return format.format(value);
  }
}
