/**
 * Where the evaluations of a thread's Python frames are, the innermost first. An evaluation is one call of the interpreter's evaluating
 * function: to 3.10 of one Python frame, later of all frames that Python called from Python.
 */
export class FoundEvaluations {
  /**
   * What an address tells. `local`: it is of a variable of the evaluation, which lies in its C frame (3.12+: the frame that stands for the
   * call from C, 3.11: its `_PyCFrame`). `pointer`: that C frame, or a register there, holds it (to 3.10: the frame object).
   */
  readonly kind: 'local' | 'pointer';
  count = 0;
  /** Whether all are there. For who looks for them again and again. */
  isWhole = false;
  addresses = new Float64Array(64);
  /** How many Python frames, counted from the innermost one, belong to it and those before it. */
  frames = new Int32Array(64);

  constructor(kind: 'local' | 'pointer') {
    this.kind = kind;
  }

  clear(): void {
    this.count = 0;
    this.isWhole = false;
  }

  add(address: number, frames: number): void {
    if (this.count === this.addresses.length) {
      const { addresses, frames: counts } = this;
      this.addresses = new Float64Array(2 * this.count);
      this.addresses.set(addresses);
      this.frames = new Int32Array(2 * this.count);
      this.frames.set(counts);
    }
    this.addresses[this.count] = address;
    this.frames[this.count] = frames;
    this.count++;
  }
}
