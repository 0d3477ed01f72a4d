import assert from 'node:assert/strict';
import { complexText, decimalText, floatText, quoted, quotedBytes } from './pythonText.ts';

describe('pythonText', () => {
  it('writes floats as Python does', () => {
    const cases: readonly (readonly [number, string])[] = [
      [0, '0.0'],
      [-0, '-0.0'],
      [1, '1.0'],
      [0.1, '0.1'],
      [1e16, '1e+16'],
      [123456789012345680, '1.2345678901234568e+17'],
      [1e15, '1000000000000000.0'],
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [5e-324, '5e-324'],
      [NaN, 'nan'],
      [-Infinity, '-inf'],
    ];
    for (const [value, text] of cases) assert.equal(floatText(value), text);
  });

  it('writes complex numbers, Decimals, strings and bytes as Python does', () => {
    assert.equal(complexText(0, 1), '1j');
    assert.equal(complexText(-0, 1), '(-0+1j)');
    assert.equal(complexText(1.5, -0), '(1.5-0j)');
    assert.equal(decimalText(true, '150', -2), '-1.50');
    assert.equal(decimalText(false, '1', 10), '1E+10');
    assert.equal(decimalText(false, '1', -7), '1E-7');
    assert.equal(decimalText(false, '0', -10), '0E-10');
    assert.equal(quoted(`it's`), `"it's"`);
    assert.equal(quoted(`'"`), `'\\'"'`);
    assert.equal(quoted('\ud800 \u200b\u00a0é😀'), "'\\ud800 \\u200b\\xa0é😀'");
    assert.equal(quoted('é😀', true), "'\\xe9\\U0001f600'");
    assert.equal(quotedBytes(Buffer.from([0, 0xff, 0x41])), "'\\x00\\xffA'");
  });
});
