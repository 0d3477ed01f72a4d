import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { SampleFlag } from '../profile/delta.ts';
import { firefoxText } from '../profile/formats/firefox.ts';
import { profileOf } from '../profile/testing/build.ts';
import { readProfile, whyUnread } from './readProfile.ts';
import { reportOf } from './sourcedReport.ts';
import { reportText } from './reportText.ts';

const { OnCpu, Ready, HoldsGil, CollectingGarbage } = SampleFlag;

describe('a report', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-report-'));
    file = path.join(folder, 'app.py');
    fs.writeFileSync(file, 'first\n  second\u001b[31m\nthird\n');
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const profile = (): ReturnType<typeof profileOf> =>
    profileOf({
      files: { main: file, f: file, wait: '/nowhere.py' },
      threads: [{ name: 'MainThread' }, { name: 'waiter' }],
      quality: { elapsed: 10_000, samples: 20, ticks: 10 },
      runs: [
        { stack: 'main:1 f:2', count: 6, flags: OnCpu | HoldsGil },
        { stack: 'main:1 f:3', count: 2, flags: Ready | HoldsGil | CollectingGarbage },
        { stack: 'main:3', count: 2, flags: OnCpu },
        { stack: 'wait:9', count: 10, flags: 0, thread: 1 },
      ],
    });

  it('says where the time goes, and what threads did', () => {
    const report = reportOf(profile(), { top: 2, idle: false, gil: false });
    assert.deepEqual(
      report.functions.map(({ function: name, self, total }) => [name, self, total]),
      [
        ['f', 0.8, 0.8],
        ['main', 0.2, 1],
      ],
    );
    assert.deepEqual(
      report.lines.map(({ line, self, source }) => [line, self, source]),
      [
        [2, 0.6, 'second\u001b[31m'],
        [3, 0.2, 'third'],
      ],
    );
    assert.deepEqual(
      report.paths.map(({ share, frames }) => [share, frames.map(({ function: name, line }) => `${name}:${line}`).join(' ')]),
      [
        [0.6, 'main:1 f:2'],
        [0.2, 'main:1 f:3'],
      ],
    );
    assert.deepEqual(report.states, { onCpu: 0.4, ready: 0.1, waiting: 0.5 });
    const [main, waiter] = report.threads;
    assert.deepEqual([main?.onCpu, main?.ready, main?.gil, main?.garbage], [0.8, 0.2, 0.8, 0.2]);
    assert.deepEqual([waiter?.name, waiter?.waiting], ['waiter', 1]);
    assert.deepEqual([report.samples, report.countedSamples], [20, 10]);
  });

  it('is about threads that wait, or hold the GIL, when asked', () => {
    const idle = reportOf(profile(), { top: 10, idle: true, gil: false });
    assert.deepEqual([idle.countedSamples, idle.functions[0]?.function, idle.functions[0]?.self], [20, 'wait', 0.5]);
    assert.equal(idle.lines.find(({ file: of }) => of === '/nowhere.py')?.source, null);
    assert.equal(reportOf(profile(), { top: 10, idle: false, gil: true }).countedSamples, 8);
  });

  it('does nothing to the terminal, and says when there is nothing to say', () => {
    const text = reportText(reportOf(profile(), { top: 10, idle: false, gil: false }));
    assert.match(text, /^ 60\.0 % {2}60\.0 % {2}f \(.*app\.py:2\)\n {18}second�\[31m\n/m);
    assert.match(text, /^ 60\.0 % {2}main \(.*app\.py:1\)\n {11}f \(.*:2\)\n/m);
    assert.ok(!text.includes('\u001b'));
    const waiting = profileOf({ runs: [{ stack: 'wait:9', flags: 0 }] });
    assert.match(reportText(reportOf(waiting, { top: 10, idle: false, gil: false })), /No thread ran Python/);
    assert.match(reportText(reportOf(profileOf({ runs: [] }), { top: 10, idle: true, gil: false })), /No thread ran Python/);
  });

  it('reads saved profiles, packed or not, and says what is wrong with others', async () => {
    const text = [...firefoxText(profile())].join('');
    const inside = (name: string): string => path.join(folder, name);
    fs.writeFileSync(inside('plain'), text);
    fs.writeFileSync(inside('packed'), gzipSync(text));
    fs.writeFileSync(inside('cut'), gzipSync(text).subarray(0, 300));
    fs.writeFileSync(inside('empty'), '');
    fs.writeFileSync(inside('other'), 'no profile at all');
    const options = { top: 10, idle: false, gil: false };
    for (const name of ['plain', 'packed'])
      assert.deepEqual(reportOf(await readProfile(inside(name)), options).functions, reportOf(profile(), options).functions);
    for (const [name, why] of [
      ['cut', /cut off or damaged/],
      ['empty', /This file is empty/],
      ['other', /no profile in a format/],
      ['missing', /^no such file or directory\.$/],
      ['.', /directory/],
    ] as const)
      await assert.rejects(readProfile(inside(name)), (error) => why.test(whyUnread(error)), name);
  });
});
