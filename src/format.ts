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

  /** A time in µs: "850μs", "12ms", "3.4s", "2m 5s". */
  time(microseconds: number): string {
    if (microseconds < 999.5) return this.#unit(microseconds, 'microsecond');
    if (microseconds < 999_500) return this.#unit(microseconds / 1000, 'millisecond');
    if (microseconds < 59_950_000) return this.#unit(microseconds / 1_000_000, 'second');
    const seconds = Math.round(microseconds / 1_000_000);
    if (seconds < 3600) return `${this.#unit(Math.floor(seconds / 60), 'minute')} ${this.#unit(seconds % 60, 'second')}`;
    const minutes = Math.round(seconds / 60);
    return `${this.#unit(Math.floor(minutes / 60), 'hour')} ${this.#unit(minutes % 60, 'minute')}`;
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

  #unit(value: number, unit: string): string {
    const digits = value < 9.95 ? 1 : 0;
    return this.#number(value, { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits: digits });
  }

  #number(value: number, options: Intl.NumberFormatOptions): string {
    const key = JSON.stringify(options);
    let format = this.#formats.get(key);
    if (format === undefined) this.#formats.set(key, (format = new Intl.NumberFormat(this.#locale, options)));
    return format.format(value);
  }
}
