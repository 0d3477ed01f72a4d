import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FunctionRecord, NativeQuality, ProfileDelta } from './delta.ts';
import { toCollapsed } from './formats/collapsed.ts';
import { chromeTraceText } from './formats/chromeTrace.ts';
import { fromFirefox } from './formats/firefoxReader.ts';
import { toFirefox } from './formats/firefoxWriter.ts';
import { plainJson } from './formats/plainJson.ts';
import { flameGraphSvg } from './formats/svg/flameGraph.ts';
import { callersOfLine, lineTimes } from './lines.ts';
import { Profile } from './profile.ts';
import { ProfileFormatError } from './profileFormatError.ts';
import { qualityText } from './qualityText.ts';
import { deltaOf, type ProfileInWords } from './testing/build.ts';
import { StackWeights } from './weights.ts';

const library = '/usr/lib/libc.so.6';
const native: NativeQuality = { stacks: 8, whole: 6, merged: 7, stops: 4, stopMedian: 60, stopP99: 110 };

/** Of c_hash the source is known. */
function nativeFunction(name: string): FunctionRecord {
  const own = { name, firstLine: 0, kind: 'native' } as const;
  return name === 'c_hash' ? { ...own, file: '/src/hash.c', library } : { ...own, file: library };
}

/** Functions whose names begin with c_ are native. */
function deltaWith(runs: ProfileInWords['runs']): ProfileDelta {
  const delta = deltaOf({ runs });
  return {
    ...delta,
    functions: delta.functions.map((record) => (record.name.startsWith('c_') ? nativeFunction(record.name) : record)),
    quality: { ...delta.quality, native },
  };
}

function profileWith(runs: ProfileInWords['runs']): Profile {
  const profile = new Profile();
  profile.append(deltaWith(runs));
  return profile;
}

const sorting = [
  { stack: 'main:3 c_sort:0 key:7', count: 2 },
  { stack: 'main:3 c_sort:0 key:7 c_hash:0 c_copy:0', count: 5 },
  { stack: 'main:3 c_sort:0', count: 3 },
  { stack: 'main:3', count: 1 },
];

describe('native frames', () => {
  it('are their Python line’s own time', () => {
    const withThem = lineTimes(new StackWeights(profileWith(sorting)));
    const without = lineTimes(
      new StackWeights(profileWith(sorting.map(({ stack, count }) => ({ stack: stack.replace(/ ?c_\w+:0/g, ''), count })))),
    );
    assert.deepEqual(withThem, without);
    const self = [...withThem.values()].flat().map((line) => [line.line, line.self, line.samples]);
    assert.deepEqual(self, [
      [3, 4000, 11],
      [7, 7000, 7],
    ]);
  });

  it('are no callers: who called them is', () => {
    const profile = profileWith(sorting);
    const key = profile.functions.find(({ name }) => name === 'key')!;
    const callers = callersOfLine(new StackWeights(profile), key.file, 7, 5);
    assert.deepEqual(
      callers.map(({ name, line, time }) => [name, line, time]),
      [['main', 3, 7000]],
    );
  });

  it('come back from a file of ours, with how they were read', () => {
    const profile = profileWith(sorting);
    const file = toFirefox(profile);
    const read = fromFirefox(file);
    assert.deepEqual(read.functions, profile.functions);
    assert.deepEqual(read.quality, profile.quality);
    const categories = new Set(file.shared.frameTable.category);
    assert.deepEqual([...categories].map((category) => file.meta.categories[category ?? 0]!.name).sort(), ['Native', 'Python']);
  });

  it('are Python’s again where another program numbered functions anew', () => {
    const file = toFirefox(profileWith(sorting));
    const other = { ...file, heatline: { ...file.heatline, native: { functionCount: 17, functions: [1] } } };
    assert.ok(fromFirefox(other).functions.every(({ kind }) => kind === undefined));
    const broken = { ...file, heatline: { ...file.heatline, native: { functionCount: 5, functions: [5] } } };
    assert.throws(() => fromFirefox(broken), ProfileFormatError);
  });

  it('are told apart in other formats', () => {
    const profile = profileWith(sorting);
    assert.match(toCollapsed(profile), /^main \(\/work\/app\.py:3\);c_sort \(\/usr\/lib\/libc\.so\.6\) 3$/m);
    const events = JSON.parse([...chromeTraceText(profile)].join('')) as { traceEvents: { cat?: string; name: string }[] };
    const categories = new Map(events.traceEvents.map(({ name, cat }) => [name, cat]));
    assert.deepEqual([categories.get('c_sort'), categories.get('key')], ['native', 'python']);
    const json = JSON.parse([...plainJson(profile)].join('')) as { functions: { name: string; kind?: string }[] };
    assert.deepEqual(
      json.functions.filter(({ kind }) => kind === 'native').map(({ name }) => name),
      ['c_sort', 'c_hash', 'c_copy'],
    );
    const colours = new Map(
      [...flameGraphSvg(profile)]
        .join('')
        .match(/<title>(\w+)[^]*?fill="hsl\((\d+)/g)!
        .map((box) => {
          const [, name, hue] = /<title>(\w+)[^]*fill="hsl\((\d+)/.exec(box)!;
          return [name!, Number(hue)] as const;
        }),
    );
    assert.ok(colours.get('c_sort')! >= 250 && colours.get('main')! < 220, JSON.stringify([...colours]));
  });

  it('of a kind that is none are refused', () => {
    const delta = deltaWith(sorting);
    const wrong = { ...delta, functions: delta.functions.map((record) => ({ ...record, kind: 'kernel' as 'native' })) };
    assert.throws(() => new Profile().append(wrong), ProfileFormatError);
    assert.throws(
      () => new Profile().append({ ...delta, quality: { ...delta.quality, native: { ...native, whole: NaN } } }),
      ProfileFormatError,
    );
  });

  it('say how many were read whole and merged', () => {
    const text = qualityText(profileWith(sorting).quality);
    assert.match(text, /native stacks: 75 % whole, 88 % merged; stopped 4 times, 60 µs each \(99 % within 110 µs\)/);
    assert.match(
      qualityText({ ...profileWith(sorting).quality, native: { ...native, stops: 0 } }),
      /native stacks: 75 % whole, 88 % merged(?!; stopped)/,
    );
  });
});
