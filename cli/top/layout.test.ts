import assert from 'node:assert/strict';
import { SampleFlag } from '../../profile/delta.ts';
import { LiveTimes } from '../../profile/live/liveTimes.ts';
import { deltaOf, type ProfileInWords } from '../../profile/testing/build.ts';
import { lineOf, screenOf, seconds, type Size } from './layout.ts';
import { RowTexts } from './rows.ts';
import { initialState, type TopState } from './state.ts';
import { fit } from './textWidth.ts';

const words: ProfileInWords = {
  runs: [
    { stack: 'main:1 work:21', duration: 600_000, flags: SampleFlag.OnCpu | SampleFlag.HoldsGil },
    { stack: 'main:1 计算:33', duration: 300_000 },
    { stack: 'main:1', duration: 100_000, flags: SampleFlag.Ready },
    { stack: 'other\u001b[31m:1', thread: 1, duration: 250_000 },
    { stack: 'sleeper:1', thread: 2, duration: 1_000_000, flags: 0 },
  ],
  files: { work: '/work/package/work.py' },
  quality: { elapsed: 1_000_000, samples: 225, lost: 1, partial: 2, stops: 100, stoppedTime: 5000 },
};

function made(text: ProfileInWords = words): { readonly live: LiveTimes; readonly texts: RowTexts } {
  const live = new LiveTimes();
  live.append(deltaOf(text));
  return { live, texts: new RowTexts(live, (file) => file.slice('/work/'.length)) };
}

function screen(changes: Partial<TopState>, size: Size, text: ProfileInWords = words): string[] {
  const { live, texts } = made(text);
  return screenOf(live, texts, { ...initialState, ...changes }, 'app.py, process 7', size).lines.map((line) => line.text.trimEnd());
}

describe('the screen of top', () => {
  it('has a table below what threads do', () => {
    assert.deepEqual(screen({}, { width: 90, height: 12 }), [
      'app.py, process 7',
      '1 s, 225 samples, 1 lost, 2 not read to their end, took 0.50 % of its time',
      'On CPU 115 %, ready 10 %, GIL 60 %, GC 0 %; threads: 3, 2 busy',
      '[Functions]  Lines   Modules   Threads   Processes',
      '  ▼%Own  %Total  OwnTime TotalTime %CPU %GIL  Function (file:first line)',
      '   60.0    60.0    0.60s     0.60s  100  100  work (package/work.py:20)',
      '   30.0    30.0    0.30s     0.30s  100    0  计算 (app.py:30)',
      '   25.0    25.0    0.25s     0.25s  100    0  other�[31m (app.py:40)',
      '   10.0   100.0    0.10s     1.00s   90   60  main (app.py:10)',
      '',
      '',
      'q quit  ? help  1-4 sort  Tab view  / filter  Space pause  R reset                1–4 of 4',
    ]);
  });

  it('sorts, filters, and shows lines, modules, threads and processes', () => {
    const names = (changes: Partial<TopState>): string[] =>
      screen(changes, { width: 90, height: 12 })
        .slice(5, -1)
        .filter((line) => line !== '')
        .map((line) => line.slice(46));
    assert.deepEqual(names({ sort: 'total' })[0], 'main (app.py:10)');
    assert.deepEqual(names({ filter: 'WORK.py' }), ['work (package/work.py:20)']);
    assert.deepEqual(names({ kind: 'line', filter: 'or' }), ['work (package/work.py:21)']);
    assert.deepEqual(names({ kind: 'module' }), ['app.py', 'package/work.py']);
    assert.deepEqual(names({ kind: 'thread' }), ['MainThread (4242)', 'Thread-1 (4243)', 'Thread-2 (4244)']);
    assert.deepEqual(names({ kind: 'process' }), ['4242 app.py: python3 app.py']);
    assert.match(screen({ filter: 'none' }, { width: 90, height: 12 })[5]!, /Nothing has that in its text/);
  });

  it('is as high and wide as it has to be, whatever the size', () => {
    const { live, texts } = made();
    for (const isHelp of [false, true])
      for (const isTyping of [false, true])
        for (let height = 1; height < 30; height++)
          for (const width of [1, 5, 20, 40, 55, 80, 200]) {
            const state = { ...initialState, isHelp, isTyping, filter: isTyping ? '计' : '', first: 3 };
            const { lines, shown } = screenOf(live, texts, state, '计算'.repeat(60), { width, height });
            assert.equal(lines.length, height);
            for (const { text } of lines) assert.equal(fit(`${text}x`, width + 1), `${text}x`, `${width} columns: “${text}”`);
            assert.ok(shown >= 1, `${height} lines have a row`);
          }
  });

  it('scrolls, and does not beyond the end', () => {
    const { live, texts } = made();
    const { first, rows, shown, lines } = screenOf(live, texts, { ...initialState, first: 9 }, '', { width: 90, height: 8 });
    assert.deepEqual([first, rows, shown], [2, 4, 2]);
    assert.match(lines.at(-1)!.text, / 3–4 of 4$/);
  });

  it('has help, what is typed, and that it is paused', () => {
    assert.ok(screen({ isHelp: true }, { width: 80, height: 24 }).some((line) => /^ {2}R +reset/.test(line)));
    assert.match(screen({ isTyping: true, filter: 'wo' }, { width: 80, height: 9 }).at(-1)!, /^Filter: wo▏ /);
    assert.match(screen({ isPaused: true }, { width: 80, height: 9 })[0]!, /^PAUSED – app\.py/);
  });

  it('says why it is empty', () => {
    const empty = new LiveTimes();
    const texts = new RowTexts(empty, (file) => file);
    assert.match(screenOf(empty, texts, initialState, '', { width: 80, height: 9 }).lines[5]!.text, /Looking …/);
    const waiting = { runs: [{ stack: 'sleeper:1', flags: 0 }] };
    assert.match(screen({}, { width: 90, height: 9 }, waiting)[5]!, /No thread ran Python\. With -i/);
  });
});

describe('the line of top', () => {
  it('has what threads did, and the first rows', () => {
    const { live, texts } = made();
    assert.equal(
      lineOf(live, texts, initialState),
      '1 s | CPU 115 % | GIL 60 % | 2 of 3 threads busy | 60.0 % work (package/work.py:20) | 30.0 % 计算 (app.py:30) | 25.0 % other�[31m (app.py:40)',
    );
    assert.match(lineOf(live, texts, { ...initialState, sort: 'totalTime', filter: 'main' }), / busy \| 1\.00s main \(app\.py:10\)$/);
  });
});

describe('seconds', () => {
  it('fit in eight characters', () => {
    assert.deepEqual([0, 1.234, 99.994, 99.996, 9999.94, 9999.96, 99_998, 1e6, 1e9].map(seconds), [
      '0.00s',
      '1.23s',
      '99.99s',
      '100.0s',
      '9999.9s',
      '10000s',
      '99998s',
      '278h',
      '277778h',
    ]);
  });
});
