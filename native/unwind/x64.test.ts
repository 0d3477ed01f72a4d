import assert from 'node:assert/strict';
import { x64 } from './x64.ts';

/** The last seven bytes before a return address. @param text hexadecimal */
const call = (text: string): number | 'indirect' | null => {
  const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex');
  return x64.callBefore(Buffer.concat([Buffer.alloc(7, 0x90), bytes]).subarray(-7), 0x1000);
};
const code = (text: string): Buffer => Buffer.concat([Buffer.from(text.replaceAll(' ', ''), 'hex'), Buffer.alloc(32, 0xcc)]);

describe('x64', () => {
  it('knows calls, and where direct ones lead', () => {
    assert.equal(call('e8 f0 ff ff ff'), 0xff0);
    // call rax, r11, [rax], [rip+8], [rax+8], [rax+0x100], [rax+rcx*8], [rsp+8], [r12+0x100], [rcx*8+0x100]
    for (const text of [
      'ffd0',
      '41ffd3',
      'ff10',
      'ff1508000000',
      'ff5008',
      'ff9000010000',
      'ff14c8',
      'ff542408',
      '41ff942400010000',
      'ff14cd00010000',
    ])
      assert.equal(call(text), 'indirect', text);
    // jmp rax, push [rax], inc eax, mov, ret
    for (const text of ['ffe0', 'ff30', 'ffc0', '4889c7', 'c3', '']) assert.equal(call(text), null, text);
  });

  it('follows a trampoline to its return', () => {
    // CPython's for perf (Python/asm_trampoline.S): add rsp, 8; ret
    assert.deepEqual(x64.epilogue(code('48 83 c4 08 c3')), { size: 16, framePointer: -1 });
    // pop r12; pop rbp; ret, and add rsp, 0x108
    assert.deepEqual(x64.epilogue(code('41 5c 5d c3')), { size: 24, framePointer: 8 });
    assert.deepEqual(x64.epilogue(code('48 81 c4 08 01 00 00 c3')), { size: 0x110, framePointer: -1 });
    // A jump, a subtraction that leads below, no end.
    for (const text of ['eb 02 c3', '48 83 c4 80 c3', '58'.repeat(30)]) assert.equal(x64.epilogue(code(text)), null, text);
  });

  it('finds where jumps lead', () => {
    assert.deepEqual(x64.jumpTargets(Buffer.from('0f8410000000e900feffff90', 'hex'), 0x1000), [0x1016, 0xe0b]);
  });
});
