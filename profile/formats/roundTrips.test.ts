import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Profile } from '../profile.ts';
import { ProfileFormatError } from '../profileFormatError.ts';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf as profileInWords } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import { AnyReader } from './anyReader.ts';
import { toCollapsed } from './collapsed.ts';
import { formatNamed, formatOf, type FormatId } from './registry.ts';
import { profileOf } from './savedProfile.ts';

const corpus = (name: string): Buffer => readFileSync(new URL(`./corpus/${name}`, import.meta.url));

function read(bytes: Uint8Array, pieceLength = bytes.length, id?: FormatId): Profile {
  const reader = new AnyReader(id === undefined ? undefined : formatNamed(id));
  for (let at = 0; at < bytes.length; at += pieceLength) reader.push(bytes.subarray(at, at + pieceLength));
  return profileOf(reader.end());
}

const written = (profile: Profile, id: FormatId): Buffer =>
  Buffer.concat([...formatOf(id).write(profile)].map((piece) => Buffer.from(piece)));

/** µs of every stack that took any, by its text, which has all that these formats know of it; threads apart where they do. */
function times(profile: Profile, withThreads = false): Record<string, number> {
  const { runs } = profile;
  const sums: Record<string, number> = {};
  const textOf = (stack: number): string => {
    if (stack === 0) return '';
    const frame = profile.stackFrame(stack);
    const { name, file } = profile.functions[profile.frameFunction(frame)]!;
    return `${textOf(profile.stackParent(stack))};${name}|${file}|${profile.frameLine(frame)}`;
  };
  for (let run = 0; run < runs.length; run++) {
    if (runs.durations[run] === 0) continue;
    const key = `${withThreads ? `${runs.threads[run]!} ` : ''}${textOf(runs.stacks[run]!)}`;
    sums[key] = Math.round(((sums[key] ?? 0) + runs.durations[run]!) * 1000) / 1000;
  }
  return sums;
}

describe('what was written and is read again', () => {
  it('has the same time in every stack of every thread (speedscope)', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 5000 }), (profile, length) => {
        assert.deepEqual(times(read(written(profile, 'speedscope'), length), true), times(profile, true));
      }),
    );
  });

  it('has the same time in every stack (chrometrace)', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 5000 }), (profile, length) => {
        const expected = Object.entries(times(profile)).filter(([stack]) => stack !== '');
        if (expected.length === 0) return;
        const got = Object.entries(times(read(written(profile, 'chrometrace'), length)));
        assert.deepEqual(new Map(got.sort()), new Map(expected.sort()));
      }),
    );
  });

  it('has the same number of samples in every stack (raw)', () => {
    fc.assert(
      fc.property(anyProfile, fc.integer({ min: 1, max: 500 }), (profile, length) => {
        const text = toCollapsed(profile);
        if (text === '') return;
        const lines = (of: string): string[] => of.split('\n').sort();
        assert.deepEqual(lines(toCollapsed(read(Buffer.from(text), length))), lines(toCollapsedOnce(text)));
      }),
    );
  });

  it('keeps who was which thread of which process', () => {
    const profile = profileInWords({
      processes: [{}, { pid: 5, name: 'worker' }],
      threads: [{}, { process: 1, name: 'Größe "x"', osThreadId: 77 }],
      runs: [{ stack: 'a:1' }, { stack: 'b:1', thread: 1 }],
    });
    const trace = read(written(profile, 'chrometrace'));
    assert.deepEqual(
      trace.threads.map(({ name, osThreadId, process }) => [
        name,
        osThreadId,
        trace.processes[process]!.pid,
        trace.processes[process]!.name,
      ]),
      [
        ['MainThread', 4242, 4242, 'app.py'],
        ['Größe "x"', 77, 5, 'worker'],
      ],
    );
    const scope = read(written(profile, 'speedscope'));
    assert.deepEqual(
      scope.threads.map(({ name, process }) => [name, scope.processes[process]!.pid, scope.processes[process]!.name]),
      [
        ['MainThread', 4242, 'app.py'],
        ['Größe "x"', 5, 'worker'],
      ],
    );
  });

  it('leaves out idle threads where that is asked for', () => {
    const profile = profileInWords({ runs: [{ stack: 'a:1' }, { stack: 'b:1', flags: 0 }, { stack: 'a:1' }] });
    for (const id of ['raw', 'speedscope', 'chrometrace'] as const) {
      const text = Buffer.concat(
        [...formatOf(id).write(profile, { samples: { onCpuOnly: true, readyOnly: true } })].map((piece) => Buffer.from(piece)),
      );
      const sums = times(read(text));
      assert.deepEqual(Object.keys(sums), [';a|/work/app.py|1'], id);
      assert.equal(Object.values(sums)[0], 2000, id);
    }
  });
});

/** Equal lines are one in what is read. */
function toCollapsedOnce(text: string): string {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, stack, count] = /^(.*) (\d+)$/.exec(line) ?? [];
    if (stack !== undefined) counts.set(stack, (counts.get(stack) ?? 0) + Number(count));
  }
  return [...counts].map(([stack, count]) => `${stack} ${count}\n`).join('');
}

describe('files that py-spy wrote', () => {
  const functions = ['<module>', 'main', 'a', 'b', 'leaf', 'wait', 'Thread.run'];
  const has = (profile: Profile): void => {
    const names = profile.functions.map(({ name }) => name);
    for (const name of functions) assert.ok(names.includes(name), `${name} is there`);
  };

  it('as raw stacks are read to the last sample, with lines', () => {
    const profile = read(corpus('pySpy.raw'), 7);
    has(profile);
    const sum = corpus('pySpy.raw')
      .toString()
      .trim()
      .split('\n')
      .reduce((total, line) => total + Number(/\d+$/.exec(line)![0]), 0);
    assert.equal(new StackWeights(profile).totalSamples, sum);
    assert.ok(Object.keys(times(profile)).some((stack) => stack.endsWith(';leaf|busy.py|4')));
  });

  it('as raw stacks with processes and threads have these as such', () => {
    const profile = read(corpus('pySpyThreads.raw'));
    has(profile);
    assert.deepEqual(
      profile.threads.map(({ name, isMain }) => [name, isMain]),
      [
        ['MainThread', true],
        ['waiter', false],
      ],
    );
    assert.deepEqual(
      profile.processes.map(({ pid, name }) => [pid > 0, name]),
      [[true, '/usr/bin/python busy.py']],
    );
  });

  it('for speedscope are read with their threads and times', () => {
    const profile = read(corpus('pySpy.speedscope'), 100);
    has(profile);
    assert.deepEqual(profile.threads.map(({ name, osThreadId }) => [name, osThreadId > 0]).sort(), [
      ['MainThread', true],
      ['waiter', true],
    ]);
    const { profiles } = JSON.parse(corpus('pySpy.speedscope').toString()) as { profiles: { weights: number[] }[] };
    const seconds = profiles.flatMap(({ weights }) => weights).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(new StackWeights(profile).totalTime / 1e6 - seconds) < 1e-6);
  });

  it('as a Chrome trace are read with the time that is in it', () => {
    const profile = read(corpus('pySpy.chrometrace'), 100);
    has(profile);
    const events = JSON.parse(corpus('pySpy.chrometrace').toString()) as { ph: string; tid: number; ts: number }[];
    let expected = 0;
    for (const tid of new Set(events.map((event) => event.tid))) {
      let depth = 0;
      let last = 0;
      for (const { ph, ts } of events.filter((event) => event.tid === tid && (event.ph === 'B' || event.ph === 'E'))) {
        if (depth > 0) expected += ts - last;
        depth += ph === 'B' ? 1 : -1;
        last = ts;
      }
    }
    assert.ok(expected > 500_000);
    assert.equal(new StackWeights(profile).totalTime, expected);
  });

  it('are told to be cut off or damaged, and where', () => {
    for (const name of ['pySpy.speedscope', 'pySpy.chrometrace']) {
      assert.throws(() => read(corpus(name).subarray(0, 1500)), /cut off after 15\d\d bytes/, name);
      const damaged = Buffer.from(corpus(name));
      damaged[1200] = 7;
      assert.throws(() => read(damaged), /at byte 12\d\d of its text is not JSON/, name);
    }
    const raw = Buffer.concat([corpus('pySpy.raw'), Buffer.from('main;leaf\n')]);
    assert.throws(() => read(raw, 11), /line \d+ does not end with a space and a number of samples/);
    assert.throws(() => read(Buffer.from('a;b 1\na;\xff 2\n', 'latin1'), 3, 'raw'), /line 2 is no UTF-8/);
    assert.throws(() => read(Buffer.concat([Buffer.from('a 1\n'), Buffer.alloc(5_000_000, 'x')]), 65536), /line 2 is longer/);
  });
});

describe('speedscope’s evented profiles', () => {
  const file = (events: readonly object[], unit = 'milliseconds'): Buffer =>
    Buffer.from(
      JSON.stringify({
        $schema: 'https://www.speedscope.app/file-format-schema.json',
        shared: { frames: [{ name: 'a', file: 'a.py', line: 3 }, { name: 'b' }] },
        profiles: [{ type: 'evented', name: 'one', unit, startValue: 0, endValue: 10, events }],
      }),
    );
  const event = (type: string, at: number, frame: number): object => ({ type, at, frame });

  it('become the time between events', () => {
    const profile = read(file([event('O', 0, 0), event('O', 2, 1), event('C', 5, 1), event('C', 6, 0)]));
    assert.deepEqual(times(profile), { ';a|a.py|3': 3000, ';a|a.py|3;b||0': 3000 });
  });

  it('are refused where events contradict each other, or are no times', () => {
    const broken: [readonly object[], RegExp, string?][] = [
      [[event('O', 0, 0), event('C', 1, 1)], /events\[1\] closes a frame that is not the innermost/],
      [[event('C', 1, 0)], /events\[0\] closes/],
      [[event('O', 3, 0), event('C', 1, 0)], /events\[1\]\.at is before/],
      [[event('O', 0, 9)], /events\[0\]\.frame points at nothing/],
      [[event('O', 0, 0)], /is of bytes/, 'bytes'],
    ];
    for (const [events, message, unit] of broken)
      assert.throws(
        () => read(file(events, unit)),
        (error) => error instanceof ProfileFormatError && message.test(error.message),
      );
  });
});
