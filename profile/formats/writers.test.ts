import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Profile as PprofProfile } from 'pprof-format';
import { functionTimes } from '../functionTimes.ts';
import type { Profile } from '../profile.ts';
import { anyProfile } from '../testing/arbitrary.ts';
import { profileOf as profileInWords } from '../testing/build.ts';
import { StackWeights } from '../weights.ts';
import { AnyReader } from './anyReader.ts';
import { callTimes } from './callTimes.ts';
import { formatOf, type FormatId } from './registry.ts';
import { profileOf } from './savedProfile.ts';

const written = (profile: Profile, id: FormatId): Buffer =>
  Buffer.concat([...formatOf(id).write(profile)].map((piece) => Buffer.from(piece)));

const example = profileInWords({
  files: { g: '/work/lib.py' },
  runs: [
    { stack: 'main:1 f:11 g:31', count: 6 },
    { stack: 'main:2 f:12 f:11 g:32', count: 3 },
    { stack: '', count: 5 },
    { stack: 'main:2', count: 1 },
  ],
});

/** Self time by function, µs. */
function selfTimes(profile: Profile): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { func, self } of functionTimes(new StackWeights(profile))) {
    const { name, file, firstLine } = profile.functions[func]!;
    const key = `${name}|${file}|${firstLine}`;
    if (self > 0) sums.set(key, (sums.get(key) ?? 0) + self);
  }
  return new Map([...sums].sort());
}

describe('cpuprofile', () => {
  it('has functions as nodes, lines as ticks, and the time between samples', () => {
    const file = JSON.parse(written(example, 'cpuprofile').toString()) as {
      nodes: {
        id: number;
        callFrame: { functionName: string; lineNumber: number };
        hitCount: number;
        children: number[];
        positionTicks?: object[];
      }[];
      samples: number[];
      timeDeltas: number[];
      endTime: number;
    };
    const names = new Map(file.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
    assert.deepEqual(
      file.samples.map((id) => names.get(id)),
      ['g', 'g', '(idle)', 'main', '(root)'],
    );
    assert.deepEqual(file.timeDeltas, [0, 6000, 3000, 5000, 1000]);
    assert.equal(file.endTime, 15_000);
    const main = file.nodes.find(({ callFrame }) => callFrame.functionName === 'main')!;
    assert.deepEqual([main.callFrame.lineNumber, main.hitCount, main.positionTicks], [9, 1, [{ line: 2, ticks: 1 }]]);
    assert.deepEqual(
      file.nodes.filter(({ callFrame }) => callFrame.functionName === 'g').map(({ hitCount }) => hitCount),
      [6, 3],
    );
  });

  it('has the time of each function, and gives it back', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const reader = new AnyReader();
        reader.push(written(profile, 'cpuprofile'));
        const got = selfTimes(profileOf(reader.end()));
        const expected = selfTimes(profile);
        for (const [key, time] of expected) {
          const [name, file, firstLine] = key.split('|');
          // V8 has no functions without a name, and takes 0 as no line.
          const line = Number(firstLine);
          assert.equal(got.get(`${name === '' ? '(anonymous)' : name!}|${file!}|${line}`), time, key);
        }
      }),
    );
  });

  it('is refused where its nodes contradict each other', () => {
    const node = (id: number, children: number[]): object => ({ id, callFrame: { functionName: `f${id}`, url: '' }, children });
    const read = (nodes: object[], samples = [1, 1], timeDeltas = [0, 5]): void => {
      const reader = new AnyReader();
      reader.push(Buffer.from(JSON.stringify({ nodes, samples, timeDeltas })));
      reader.end();
    };
    read([node(1, [2]), node(2, [])]);
    assert.throws(() => read([node(1, [2]), node(2, [1])]), /is above itself/);
    assert.throws(() => read([node(1, [7])]), /a child that does not exist/);
    assert.throws(() => read([node(1, []), node(1, [])]), /another node’s/);
    assert.throws(() => read([node(1, [])], [2, 1]), /samples\[0\] is no node/);
    assert.throws(() => read([node(1, [])], [1], [0, 5]), /timeDeltas has 2 entries where 1 are due/);
  });
});

describe('pprof', () => {
  it('has samples and time of each stack and thread', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const file = PprofProfile.decode(written(profile, 'pprof'));
        const weights = new StackWeights(profile);
        const sum = (at: number): number => file.sample.reduce((total, { value }) => total + Number(value[at]), 0);
        assert.equal(sum(0), weights.totalSamples - weights.samples[0]!);
        assert.equal(sum(1), (weights.totalTime - weights.time[0]!) * 1000);
        const ids = new Set(file.location.map(({ id }) => Number(id)));
        const functions = new Set(file.function.map(({ id }) => Number(id)));
        assert.ok(file.sample.every(({ locationId }) => locationId.length > 0 && locationId.every((id) => ids.has(Number(id)))));
        assert.ok(file.location.every(({ line }) => functions.has(Number(line[0]!.functionId))));
      }),
    );
  });

  it('has names that pprof leaves as they are: without a system name, it demangles none', () => {
    const { function: functions } = PprofProfile.decode(written(example, 'pprof'));
    assert.ok(functions.length > 0 && functions.every(({ name, systemName }) => Number(name) > 0 && Number(systemName) === 0));
  });

  it('has the leaf first, with its line', () => {
    const { sample, location, function: functions, stringTable } = PprofProfile.decode(written(example, 'pprof'));
    const text = (id: number | bigint): string => {
      const { functionId, line } = location.find((one) => one.id === id)!.line[0]!;
      return `${stringTable.strings[Number(functions.find((one) => one.id === functionId)!.name)]!}:${line}`;
    };
    assert.deepEqual(
      sample.map(({ locationId, value }) => [locationId.map(text), value.map(Number)]),
      [
        [
          ['g:31', 'f:11', 'main:1'],
          [6, 6_000_000],
        ],
        [
          ['g:32', 'f:11', 'f:12', 'main:2'],
          [3, 3_000_000],
        ],
        [['main:2'], [1, 1_000_000]],
      ],
    );
  });
});

describe('sums of calls', () => {
  it('count recursion once for each sample', () => {
    const { functions, pairs, pairCalls } = callTimes(example, {});
    assert.deepEqual(
      functions.map(({ time, self, samples }) => [time, self, samples]),
      [
        [10_000, 1000, 10],
        [9000, 0, 9],
        [9000, 9000, 9],
      ],
    );
    const by = Array.from({ length: pairs.length }, (_, id) => [
      pairs.first(id),
      pairs.second(id),
      pairCalls[id]!.time,
      pairCalls[id]!.self,
    ]);
    assert.deepEqual(by.sort(), [
      [0, 1, 9000, 0],
      [1, 1, 3000, 0],
      [1, 2, 9000, 9000],
    ]);
  });

  it('are the profile’s for every function', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const { functions } = callTimes(profile, {});
        for (const { func, self, total, samples } of functionTimes(new StackWeights(profile)))
          assert.deepEqual([functions[func]!.self, functions[func]!.time, functions[func]!.samples], [self, total, samples]);
      }),
    );
  });

  it('are what callgrind’s file says', () => {
    assert.equal(
      written(profileInWords({ runs: [{ stack: 'main:1 f:11', count: 2 }, { stack: 'main:2' }] }), 'callgrind').toString(),
      '# callgrind format\nversion: 1\ncreator: Heatline\ncmd: python3 app.py\npositions: line\nevents: us\nsummary: 3000\n\n' +
        'fl=(1) /work/app.py\nfn=(1) main\ncfi=(1)\ncfn=(2) f\ncalls=2 20\n1 2000\n2 1000\n\nfl=(1)\nfn=(2)\n11 2000\n',
    );
  });
});

describe('callgrind', () => {
  /** What the format's grammar allows of what we write (https://valgrind.org/docs/manual/cl-format.html), with names of its numbers. */
  function parse(text: string): { readonly self: number; readonly summary: number } {
    const names = new Map<string, string>();
    const named = (kind: string, reference: string): void => {
      const [, number, name] = /^\((\d+)\)(?: (.*))?$/.exec(reference)!;
      const key = `${kind} ${number!}`;
      assert.equal(names.has(key), name === undefined, `${reference} is named once, before it is used`);
      if (name !== undefined) names.set(key, name);
    };
    let [self, summary, isCall, hasFunction] = [0, -1, false, false];
    for (const line of text.split('\n')) {
      const call = /^calls=(\d+) (\d+)$/.exec(line);
      const cost = /^(\d+) (\d+)$/.exec(line);
      const [, key, value] = /^([a-z]+)=(.*)$/.exec(line) ?? [];
      assert.ok(!isCall || cost !== null, 'after a call comes its cost');
      if (call !== null) isCall = true;
      else if (cost !== null) {
        assert.ok(hasFunction);
        if (!isCall) self += Number(cost[2]);
        isCall = false;
      } else if (key !== undefined) {
        assert.match(key, /^(?:fl|fn|cfi|cfn)$/);
        hasFunction ||= key === 'fn';
        named(key.endsWith('n') ? 'function' : 'file', value!);
      } else if (line.startsWith('summary: ')) summary = Number(line.slice('summary: '.length));
      else assert.match(line, /^$|^# callgrind format$|^(?:version|creator|cmd|positions|events): /);
    }
    return { self, summary };
  }

  it('is as its format wants it, with all costs', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const { self, summary } = parse(written(profile, 'callgrind').toString());
        assert.equal(self, summary);
        const { time, totalTime } = new StackWeights(profile);
        assert.equal(self, totalTime - time[0]!);
      }),
    );
  });
});

describe('complete events of Chrome’s traces', () => {
  const read = (events: readonly object[]): Map<string, number> => {
    const reader = new AnyReader();
    reader.push(Buffer.from(JSON.stringify({ traceEvents: events.map((event) => ({ ph: 'X', pid: 1, tid: 2, ...event })) })));
    return selfTimes(profileOf(reader.end()));
  };

  it('lie within each other, in whatever order they come, and what sticks out is cut', () => {
    assert.deepEqual(
      read([
        { name: 'g (/a b/c:d.py:7)', ts: 12, dur: 3 },
        { name: 'f (a.py:3)', ts: 10, dur: 10 },
        { name: 'h', ts: 18, dur: 4 },
        { name: 'f (a.py:3)', ts: 30, dur: 1 },
        { name: 'i (x)', ts: 40, dur: 0 },
      ]),
      new Map([
        ['f|a.py|3', 6],
        ['g|/a b/c:d.py|7', 3],
        ['h||0', 2],
      ]),
    );
  });

  it('are refused where their times are none', () => {
    assert.throws(() => read([{ name: 'f', ts: 1, dur: -1 }]), /traceEvents\[0\]\.dur is negative/);
    assert.throws(() => read([{ name: 'f', ts: 'x', dur: 1 }]), /traceEvents\[0\]\.ts is not a number/);
    assert.throws(() => read([{ ts: 1, dur: 1 }]), /traceEvents\[0\]\.name is not a text/);
  });
});
