import assert from 'node:assert/strict';
import { BufferSource } from '../binary/byteSource.ts';
import { GeneratedCode } from './generatedCode.ts';

describe('GeneratedCode', () => {
  it('names what the file says, the last of what was at the same place, also when it has grown', () => {
    let text = '7f0010 20 py::work:/app.py\n7f0000 10 first\nbroken\n7f0100 zz no\n7f0000 10 second\n';
    const code = new GeneratedCode({ openGeneratedCode: () => new BufferSource(Buffer.from(text)) });
    assert.equal(code.name(0x7f0010), 'py::work:/app.py');
    assert.equal(code.name(0x7f000f), 'second');
    assert.equal(code.name(0x7f0030), null);
    assert.equal(code.name(0x10), null);
    text += '7f0030 8 a name of words\n';
    assert.equal(code.name(0x7f0037), 'a name of words');
  });

  it('names nothing where there is no file', () => {
    assert.equal(new GeneratedCode({ openGeneratedCode: () => null }).name(0x7f0000), null);
  });
});
