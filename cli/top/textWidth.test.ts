import assert from 'node:assert/strict';
import { fit } from './textWidth.ts';

describe('fit', () => {
  it('fills up, and cuts with an ellipsis', () => {
    assert.equal(fit('abc', 5), 'abc  ');
    assert.equal(fit('abc', 3), 'abc');
    assert.equal(fit('abcd', 3), 'ab…');
    assert.equal(fit('abcd', 1), '…');
    assert.equal(fit('', 2), '  ');
    assert.equal(fit('abc', 0), '');
  });

  it('knows characters of two columns, and of none', () => {
    assert.equal(fit('计算', 5), '计算 ');
    assert.equal(fit('计算', 4), '计算');
    assert.equal(fit('计算', 3), '计…');
    assert.equal(fit('a计算', 3), 'a… '); // half a character is none
    assert.equal(fit('计', 1), '…');
    assert.equal(fit('e\u0301x', 3), 'e\u0301x ');
    assert.equal(fit('e\u0301xy', 2), 'e\u0301…');
  });
});
