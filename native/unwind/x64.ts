import type { Architecture } from './architecture.ts';

/** Longest stretch of code that is followed to a return, instructions. */
const maxEpilogue = 12;

/** System V psABI for x86-64: DWARF's numbers in figure 3.36, the red zone in 3.2.2. Opcodes: Intel's manual, volume 2. */
export const x64: Architecture = {
  registers: 17,
  stackPointer: 7,
  framePointer: 6,
  returnAddress: 16,
  saved: [3, 6, 12, 13, 14, 15], // rbx, rbp, r12 to r15
  redZone: 128,
  returnAddressOffset: -8,
  frame: { pointer: 0, returnAddress: 8, size: 16 },
  longestCall: 7,

  callBefore(code, end) {
    const size = code.length;
    const at = (back: number): number => code[size - back] ?? 0;
    if (size < 7) return null;
    // E8 rel32
    if (at(5) === 0xe8) return end + code.readInt32LE(size - 4);
    // FF /2, by the size of what follows: ModRM, SIB and displacement. A REX prefix before it changes nothing of that.
    const isCall = (back: number): boolean => at(back) === 0xff && (at(back - 1) & 0x38) === 0x10;
    const mode = (back: number): number => at(back - 1) >>> 6;
    const hasSib = (back: number): boolean => (at(back - 1) & 7) === 4;
    if (isCall(2) && (mode(2) === 3 || (mode(2) === 0 && !hasSib(2) && (at(1) & 7) !== 5))) return 'indirect';
    if (isCall(3) && (hasSib(3) ? mode(3) === 0 : mode(3) === 1)) return 'indirect';
    if (isCall(4) && mode(4) === 1 && hasSib(4)) return 'indirect';
    if (isCall(6) && !hasSib(6) && (mode(6) === 2 || (mode(6) === 0 && (at(5) & 7) === 5))) return 'indirect';
    if (isCall(7) && hasSib(7) && (mode(7) === 2 || mode(7) === 0)) return 'indirect';
    return null;
  },

  epilogue(code) {
    let size = 0;
    let framePointer = -1;
    let at = 0;
    for (let i = 0; i < maxEpilogue && at + 8 <= code.length; i++) {
      const opcode = code[at]!;
      const isWide = opcode === 0x48;
      if (opcode === 0xc3) return { size: size + 8, framePointer }; // ret
      if (isWide && code[at + 1] === 0x83 && code[at + 2] === 0xc4) {
        size += code.readInt8(at + 3); // add rsp, imm8
        at += 4;
      } else if (isWide && code[at + 1] === 0x81 && code[at + 2] === 0xc4) {
        size += code.readInt32LE(at + 3); // add rsp, imm32
        at += 7;
      } else if (opcode >= 0x58 && opcode <= 0x5f) {
        if (opcode === 0x5d) framePointer = size; // pop rbp
        size += 8; // pop
        at += 1;
      } else if (opcode === 0x41 && code[at + 1]! >= 0x58 && code[at + 1]! <= 0x5f) {
        size += 8; // pop r8 to r15
        at += 2;
      } else return null;
      if (size < 0) return null;
    }
    return null;
  },

  jumpTargets(code, address) {
    const targets: number[] = [];
    for (let at = 0; at + 6 <= code.length; at++) {
      // Jcc rel32, JMP rel32
      if (code[at] === 0x0f && (code[at + 1]! & 0xf0) === 0x80) targets.push(address + at + 6 + code.readInt32LE(at + 2));
      else if (code[at] === 0xe9) targets.push(address + at + 5 + code.readInt32LE(at + 1));
    }
    return targets;
  },
};
