import assert from 'node:assert/strict';
import { FOLDED } from '../../profile/weighedStacks.ts';
import { NumberFormat } from './format.ts';
import { functionTextRows, type TableFormat, tableText } from './tableText.ts';
import { functionsOf } from './testFunctions.ts';

const functions = functionsOf(
  { name: '__init__', file: '/work/app.py', firstLine: 7 },
  { name: 'a|b', file: '=odd, "file".py', firstLine: 0, library: 'numpy' },
);
const columns = {
  func: Int32Array.of(0, 1, FOLDED),
  line: Int32Array.of(0, 9, 0),
  self: Float64Array.of(1_500_000, 0, 500_000),
  total: Float64Array.of(3_000_000, 250_000, 500_000),
  samples: Float64Array.of(12_345, 1, 20),
};
const text = (as: TableFormat): string =>
  tableText(as, 'Function', functionTextRows(Int32Array.of(1, 0, 2), columns, functions), new NumberFormat('en'), 3_000_000);

describe('The table as a text', () => {
  it('is exact as CSV, and no formula', () => {
    assert.deepEqual(text('csv').split('\r\n'), [
      'Self (s),Self share,Total (s),Total share,Samples,Function,File,Line',
      '0,0.000000,0.25,0.083333,1,a|b,"\'=odd, ""file"".py",9',
      '1.5,0.500000,3,1.000000,12345,__init__,/work/app.py,7',
      '0.5,0.166667,0.5,0.166667,20,▸ numpy,,',
      '',
    ]);
  });

  it('is a table in Markdown', () => {
    assert.deepEqual(text('markdown').split('\n').slice(1, 4), [
      '| ---: | ---: | ---: | ---: | ---: | --- | --- | ---: |',
      '| 0 µs | 0% | 250 ms | 8.3% | 1 | a\\|b | =odd, "file".py | 9 |',
      '| 1.50 s | 50.0% | 3.00 s | 100% | 12,345 | \\_\\_init\\_\\_ | /work/app.py | 7 |',
    ]);
  });

  it('is aligned as plain text', () => {
    assert.deepEqual(text('text').split('\n').slice(0, 3), [
      '  Self  Self share   Total  Total share  Samples  Function  File             Line',
      '  0 µs          0%  250 ms         8.3%        1  a|b       =odd, "file".py  9',
      '1.50 s       50.0%  3.00 s         100%   12,345  __init__  /work/app.py     7',
    ]);
  });
});
