/** A column of unsigned 32-bit integers that grows. */
export class UintColumn {
  /** At least `length` long; what lies behind `length` means nothing. Replaced when it grows. */
  data: Uint32Array;
  length: number;

  /** Starts with these values. */
  constructor(values: readonly number[] = []) {
    this.data = new Uint32Array(Math.max(64, values.length));
    this.data.set(values);
    this.length = values.length;
  }

  append(values: Uint32Array): void {
    const length = this.length + values.length;
    if (length > this.data.length) {
      const grown = new Uint32Array(Math.max(length, this.data.length * 2));
      grown.set(this.data.subarray(0, this.length));
      this.data = grown;
    }
    this.data.set(values, this.length);
    this.length = length;
  }
}
