import assert from 'node:assert/strict';
import { evaluate, type Machine } from './expression.ts';

const machine: Machine = {
  register: (register) =>
    [NaN, NaN, NaN, NaN, NaN, NaN, 0x7ffc_0000_1000, 0x7ffc_0000_0100][register] ?? (register === 16 ? 0x5555_0000_001c : NaN),
  word: (address) => (address === 0x7ffc_0000_0ff8 ? 0x7ffc_0000_2000 : NaN),
};
const value = (text: string, initial = NaN): number => evaluate(Buffer.from(text.replaceAll(' ', ''), 'hex'), machine, initial);

describe('evaluate', () => {
  it('finds the frame of an entry of .plt, which depends on the instruction', () => {
    // rsp + 8 + ((rip & 15) >= 11) << 3, as ld writes it (elf_x86_64_eh_frame_plt)
    assert.equal(value('77 08 80 00 3f 1a 3b 2a 33 24 22'), 0x7ffc_0000_0110);
    assert.equal(value('77 08 80 00 3f 1a 3d 2a 33 24 22'), 0x7ffc_0000_0108);
  });

  it('follows pointers, and takes what it begins with', () => {
    assert.equal(value('76 78 06'), 0x7ffc_0000_2000);
    assert.equal(value('23 80 01', 0x100), 0x180);
    assert.equal(value('08 20 1c 09 ff 22 0a 00 01 22', 0x1000), 0x10df);
  });

  it('is not a number where it asks for what is not known, or is none', () => {
    for (const text of ['', '70 00', '06', '76 00 06', 'ff', '76', '22', '10 ff', '2f 00 00', '30'.repeat(100)])
      assert(Number.isNaN(value(text)), text);
  });
});
