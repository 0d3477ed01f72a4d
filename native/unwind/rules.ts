import type { Architecture } from './architecture.ts';

/** How a register of the caller is found. */
export const RuleKind = {
  /** It is as it was. */
  Same: 0,
  /** At an offset from the canonical frame address. */
  Offset: 1,
  /** Nowhere. */
  Undefined: 2,
  /** Where an expression says; its value is an index of `expressions`. */
  Expression: 3,
  /** It is what an expression says. */
  Value: 4,
  /** In another register. */
  Register: 5,
  /** It is the canonical frame address and an offset. */
  ValueOffset: 6,
} as const;

/** Flags of a rule. */
export const RuleFlag = {
  /** There is no caller. */
  Outermost: 1,
  /** The kernel called it: its caller stands at an instruction, not behind a call. */
  Signal: 2,
  /** Some register is found otherwise than as it was, or at an offset. */
  Special: 4,
} as const;

/** Where things are in a rule: 32-bit words. Pairs of kind and value follow, of the return address and then of each saved register. */
export const RuleWord = { Flags: 0, CfaRegister: 1, CfaOffset: 2, Extras: 3, Pairs: 4 } as const;

/** In place of a register: the canonical frame address is what an expression says. */
export const cfaIsExpression = -1;

/** Of a binary of 18 MB there are 1 432. What comes after so many has no rule. */
const maxRules = 1 << 15;
const maxExpressions = 1 << 12;

/** A rule as it is found in call frame information. */
export interface Row {
  cfaRegister: number;
  cfaOffset: number;
  /** By register. */
  readonly kinds: Uint8Array;
  readonly values: Int32Array;
}

/** How a register is found that functions need not preserve: after a signal. */
export interface ExtraRule {
  readonly register: number;
  readonly kind: number;
  readonly value: number;
}

/** All rules that were met, each once, as numbers. */
export class RuleTable {
  readonly architecture: Architecture;
  readonly stride: number;
  /** The rules, one after the other. Replaced when it grows. */
  words: Int32Array;
  readonly expressions: Buffer[] = [];
  readonly extras: (readonly ExtraRule[])[] = [];
  private count = 0;
  private readonly ids = new Map<string, number>();
  private readonly expressionIds = new Map<string, number>();

  constructor(architecture: Architecture) {
    this.architecture = architecture;
    this.stride = RuleWord.Pairs + 2 * (1 + architecture.saved.length);
    this.words = new Int32Array(256 * this.stride);
  }

  /** @returns index of the expression; −1: there are too many */
  expression(bytes: Buffer): number {
    const key = bytes.toString('latin1');
    let id = this.expressionIds.get(key);
    if (id === undefined) {
      if (this.expressions.length >= maxExpressions) return -1;
      id = this.expressions.push(Buffer.from(bytes)) - 1;
      this.expressionIds.set(key, id);
    }
    return id;
  }

  /** @returns the rule's id; −1: there are too many */
  add(row: Row, isSignal: boolean): number {
    const key = `${row.cfaRegister},${row.cfaOffset},${isSignal},${row.kinds.join()},${row.values.join()}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.count >= maxRules) return -1;
    const id = this.count++;
    this.ids.set(key, id);
    if (this.count * this.stride > this.words.length) {
      const larger = new Int32Array(2 * this.words.length);
      larger.set(this.words);
      this.words = larger;
    }
    this.write(id * this.stride, row, isSignal);
    return id;
  }

  private write(base: number, { cfaRegister, cfaOffset, kinds, values }: Row, isSignal: boolean): void {
    const { words, architecture } = this;
    const { returnAddress, saved, stackPointer } = architecture;
    let flags = isSignal ? RuleFlag.Signal : 0;
    if (kinds[returnAddress] === RuleKind.Undefined) flags |= RuleFlag.Outermost;
    for (const [i, register] of [returnAddress, ...saved].entries()) {
      const kind = kinds[register]!;
      if (kind !== RuleKind.Same && kind !== RuleKind.Offset) flags |= RuleFlag.Special;
      words[base + RuleWord.Pairs + 2 * i] = kind;
      words[base + RuleWord.Pairs + 2 * i + 1] = values[register]!;
    }
    const extras: ExtraRule[] = [];
    for (const [register, kind] of kinds.entries()) {
      // The caller's stack pointer is the canonical frame address, whatever else is said.
      if (kind === RuleKind.Same || register === returnAddress || register === stackPointer || saved.includes(register)) continue;
      extras.push({ register, kind, value: values[register]! });
    }
    words[base + RuleWord.Flags] = flags;
    words[base + RuleWord.CfaRegister] = cfaRegister;
    words[base + RuleWord.CfaOffset] = cfaOffset;
    words[base + RuleWord.Extras] = extras.length === 0 ? -1 : this.extras.push(extras) - 1;
  }
}
