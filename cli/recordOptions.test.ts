import assert from 'node:assert/strict';
import { defaultOutput } from './recordOptions.ts';

describe('the name of a file that nobody named', () => {
  it('says what, and when', () => {
    const now = new Date(2026, 0, 2, 3, 4, 5);
    assert.equal(defaultOutput([7], 'firefox', now), '7-2026-01-02T03-04-05.heatline.json.gz');
    assert.equal(defaultOutput(['/usr/bin/python3', 7], 'raw', now), 'python3-7-2026-01-02T03-04-05.collapsed.txt');
    assert.equal(defaultOutput(['7', 8], 'speedscope', now), '7-8-2026-01-02T03-04-05.speedscope.json');
  });
});
