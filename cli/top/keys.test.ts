import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Key, KeyReader } from './keys.ts';

const words = (keys: readonly Key[]): string[] => keys.map((key) => ('name' in key ? key.name : `'${key.text}'`));
const read = (text: string): string[] => {
  const reader = new KeyReader();
  return words([...reader.push(text), ...reader.flush()]);
};

const sequences: readonly (readonly [sent: string, key: string])[] = [
  ['\u001b[A', 'up'],
  ['\u001bOB', 'down'],
  ['\u001b[1;5C', 'right'],
  ['\u001b[D', 'left'],
  ['\u001b[5~', 'pageUp'],
  ['\u001b[6~', 'pageDown'],
  ['\u001b[H', 'home'],
  ['\u001b[1~', 'home'],
  ['\u001bOF', 'end'],
  ['\u001b[8~', 'end'],
  ['\u001b[Z', 'backTab'],
  ['\u001b[<64;10;5M', 'wheelUp'],
  ['\u001b[<65;210;55M', 'wheelDown'],
  ['\u001b[<69;1;1M', 'wheelDown'], // with Shift
  ['\t', 'tab'],
  ['\r', 'enter'],
  ['\u007f', 'backspace'],
  ['\u0003', 'interrupt'],
  ['\u001a', 'suspend'],
  ['q', "'q'"],
  ['ö', "'ö'"],
  ['𝒳', "'𝒳'"],
];

describe('keys', () => {
  it('are known by what terminals send', () => {
    for (const [sent, key] of sequences) assert.deepEqual(read(sent), [key], JSON.stringify(sent));
  });

  it('are nothing where nobody knows them: no part of a sequence is typed', () => {
    for (const sent of ['\u001b[<0;10;5M', '\u001b[<64;10;5m', '\u001b[200~', '\u001b[?1;2c', '\u001bOP', '\u001b[15~', '\u0001'])
      assert.deepEqual(read(sent), [], JSON.stringify(sent));
  });

  it('are the same in whatever pieces they come', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...sequences)), fc.array(fc.nat(200)), (sent, cuts) => {
        const all = sent.map(([text]) => text).join('');
        const reader = new KeyReader();
        const keys: Key[] = [];
        let at = 0;
        // A decoder keeps surrogates together.
        for (const cut of [...cuts].sort((a, b) => a - b).filter((cut) => !/[\udc00-\udfff]/.test(all[cut] ?? '')))
          if (cut > at) keys.push(...reader.push(all.slice(at, (at = cut))));
        keys.push(...reader.push(all.slice(at)));
        assert.deepEqual(
          words(keys),
          sent.map(([, key]) => key),
        );
        assert.ok(!reader.isWaiting);
      }),
    );
  });

  it('are Escape when nothing comes behind it', () => {
    const reader = new KeyReader();
    assert.deepEqual(reader.push('\u001b'), []);
    assert.ok(reader.isWaiting);
    assert.deepEqual(words(reader.flush()), ['escape']);
    assert.deepEqual(read('\u001bq'), ['escape', "'q'"]);
    assert.deepEqual(read('\u001b\u001b[A'), ['escape', 'up']);
    assert.deepEqual(read(`\u001b[${'1'.repeat(100)}`).slice(0, 2), ['escape', "'['"], 'nothing is waited for without end');
  });
});
