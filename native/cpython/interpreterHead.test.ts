import assert from 'node:assert/strict';
import type { Binary, Processor } from '../binary/binary.ts';
import { decodeInterpreterHead } from './interpreterHead.ts';

const head = 0x1000;

/** A binary that has this at the function's address. */
function binary(code: readonly number[], processor: Processor = 'x64'): Binary {
  const bytes = Buffer.alloc(64, 0xcc);
  bytes.set(code);
  return {
    processor,
    readAt: (address: number, length: number) => (address === head ? bytes.subarray(0, length) : null),
  } as unknown as Binary;
}

/** mov disp32(%rip),%rax */
const load = [0x48, 0x8b, 0x05, 0x34, 0x12, 0, 0];
const endOfLoad = head + load.length;

describe('decodeInterpreterHead', () => {
  it('finds the variable in what compilers make of PyInterpreterState_Head', () => {
    const forms: readonly (readonly [code: number[], loadEnds: number])[] = [
      [[...load, 0xc3], endOfLoad], // gcc -O2 and -O3: pyenv's 2.7.18 and 3.6.15
      [[0xf3, 0x0f, 0x1e, 0xfa, ...load, 0xc3], endOfLoad + 4], // -fcf-protection
      [[...load, 0xf3, 0xc3], endOfLoad], // rep ret
      [[0x55, 0x48, 0x89, 0xe5, ...load, 0x5d, 0xc3], endOfLoad + 4], // -fno-omit-frame-pointer
      [[0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, ...load, 0xc9, 0xc3], endOfLoad + 8],
    ];
    for (const [code, loadEnds] of forms) {
      // What the instruction loads from must be aligned to be a pointer.
      const displacement = 0x2000 - (loadEnds % 8);
      const at = code.indexOf(0x8b) + 2;
      const patched = [...code];
      patched[at] = displacement & 255;
      patched[at + 1] = displacement >> 8;
      assert.equal(decodeInterpreterHead(binary(patched), head), loadEnds + displacement, code.map((byte) => byte.toString(16)).join(' '));
    }
  });

  it('reaches back, too', () => {
    const displacement = -endOfLoad + 8;
    const code = Buffer.from([...load, 0xc3]);
    code.writeInt32LE(displacement, 3);
    assert.equal(decodeInterpreterHead(binary([...code]), head), 8);
  });

  it('takes nothing else for it', () => {
    assert.equal(decodeInterpreterHead(binary([0x48, 0x8d, 0x05, 1, 0, 0, 0, 0xc3]), head), null, 'lea');
    assert.equal(decodeInterpreterHead(binary([...load, 0x90]), head), null, 'no return');
    assert.equal(decodeInterpreterHead(binary([...load, 0x5d, 0xc3]), head), null, 'a pop without a push');
    assert.equal(decodeInterpreterHead(binary([0x55, 0x48, 0x89, 0xe5, ...load, 0xc3]), head), null, 'a push without a pop');
    assert.equal(decodeInterpreterHead(binary([0x48, 0x8b, 0x05, 0x35, 0x12, 0, 0, 0xc3]), head), null, 'not aligned');
    assert.equal(decodeInterpreterHead(binary([...load, 0xc3], 'arm64'), head), null, 'arm64');
    assert.equal(decodeInterpreterHead(binary([...load, 0xc3]), 0x5000), null, 'unreadable');
  });
});
