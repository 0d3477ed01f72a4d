import assert from 'node:assert/strict';
import { reportOf } from '../profile/report.ts';
import { processOf, profileOf } from '../profile/testing/build.ts';
import { issueText } from './issueText.ts';

describe('the text for an issue', () => {
  const profile = profileOf({
    files: {
      main: '/home/jane/shop/app.py',
      work: '/home/jane/shop/lib/work.py',
      get: '/home/jane/.venv/lib/python3.12/site-packages/requests/api.py',
      other: '/opt/secret/place/tool.py',
    },
    processes: [processOf({ name: 'app.py', pythonVersion: '3.12.1' })],
    runs: [
      { stack: 'main:3 work:7', count: 700 },
      { stack: 'main:4 get:60', count: 200 },
      { stack: 'main:5 other:1', count: 100 },
    ],
  });
  const report = reportOf(profile, { top: 10, idle: false, gil: false }, (_file, line) => (line === 7 ? 'a | b ` c' : null));
  const text = issueText(report, ['/home/jane/shop']);

  it('has what ran and its hot lines, hottest first', () => {
    assert.match(text, /^\*\*`app\.py`\*\*, Python 3\.12\.1: /);
    assert.match(text, /\| 70\.0 % \| 70\.0 % \| `work \(lib\/work\.py:7\)` \| `a \\\| b ’ c` \|\n\| 20\.0 %/);
    assert.match(text, /The heaviest stack \(70\.0 %\):\n\n1\. `main \(app\.py:3\)`\n1\. `work \(lib\/work\.py:7\)`\n$/);
  });

  it('says nothing of where the program’s folder, libraries and other files are', () => {
    assert.doesNotMatch(text, /jane|opt|\.venv/);
    assert.match(text, /`get \(requests\/api\.py:60\)`/);
    assert.match(text, /`other \(place\/tool\.py:1\)`/);
  });
});
