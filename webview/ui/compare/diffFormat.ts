import type { CompareChange } from '../../compareMessages.ts';
import { t } from '../../l10n.ts';
import type { NumberFormat } from '../../model/format.ts';

/** Writes times that are compared: shares of 0 to 1, or seconds. */
export class DiffFormat {
  readonly numbers: NumberFormat;
  readonly #isShare: boolean;

  constructor(numbers: NumberFormat, by: 'share' | 'seconds') {
    this.numbers = numbers;
    this.#isShare = by === 'share';
  }

  value(value: number): string {
    return this.#isShare ? this.numbers.percent(value) : this.numbers.time(value * 1e6);
  }

  /** What a tree's node has (DiffTree): parts of a million, or µs. */
  ofNode(value: number): number {
    return value / 1e6;
  }

  /** With its sign: +12%, −3.4 s. */
  change({ before, after }: Pick<CompareChange, 'before' | 'after'>): string {
    const size = Math.abs(after - before);
    return size === 0 ? '' : `${after > before ? '+' : '−'}${this.value(size)}`;
  }

  /** ×1.5, new, gone; empty where nothing changed. */
  ratio({ before, after }: Pick<CompareChange, 'before' | 'after'>): string {
    if (before === after) return '';
    if (before === 0) return t('new');
    if (after === 0) return t('gone');
    const ratio = after / before;
    return `×${ratio >= 100 ? this.numbers.count(ratio) : ratio.toPrecision(2)}`;
  }
}
