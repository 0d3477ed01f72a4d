import type { Binary } from '../binary/binary.ts';

const longestFunction = 24;

/**
 * Address of the static variable that holds the first interpreter, in versions without `_PyRuntime` (to 3.6): what
 * `PyInterpreterState_Head` returns. Stripped binaries have no symbol for it, so it is decoded from the function's
 * instructions. Seen: `mov interp_head(%rip),%rax; ret` (pyenv's 2.7.18 and 3.6.15, Debian's 2.7); besides, the forms
 * that `-fcf-protection` and `-fno-omit-frame-pointer` give it.
 * @param head address of the function
 * @returns null when it is another processor's or looks otherwise
 */
export function decodeInterpreterHead(binary: Binary, head: number): number | null {
  if (binary.processor !== 'x64') return null;
  const code = binary.readAt(head, longestFunction);
  if (!code) return null;
  let at = 0;
  const skip = (...bytes: readonly number[]): boolean => {
    if (!bytes.every((byte, i) => code[at + i] === byte)) return false;
    at += bytes.length;
    return true;
  };
  skip(0xf3, 0x0f, 0x1e, 0xfa); // endbr64
  const hasFrame = skip(0x55) && skip(0x48, 0x89, 0xe5); // push %rbp; mov %rsp,%rbp
  if (!skip(0x48, 0x8b, 0x05)) return null; // mov disp32(%rip),%rax
  const displacement = code.readInt32LE(at);
  at += 4;
  const variable = head + at + displacement;
  if (hasFrame && !skip(0x5d) && !skip(0xc9)) return null; // pop %rbp; leave
  skip(0xf3); // rep ret
  return skip(0xc3) && variable > 0 && variable % 8 === 0 ? variable : null;
}
