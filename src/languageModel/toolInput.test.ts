import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import manifest from '../../package.json' with { type: 'json' };
import { limits, NoAnswer, parseCompareInput, parseListInput, parseProfileInput, parseReportInput, parseStacksInput } from './toolInput.ts';

const parsers = {
  heatline_list_processes: parseListInput,
  heatline_profile: parseProfileInput,
  heatline_report: parseReportInput,
  heatline_compare: parseCompareInput,
  heatline_stacks: parseStacksInput,
};

describe('the input of tools for language models', () => {
  it('is what the schema says, with what is usual filled in', () => {
    assert.deepEqual(parseListInput({}), {});
    assert.deepEqual(parseProfileInput({ pid: 7 }), { target: { pid: 7 }, seconds: 5, limit: 10, count: 'running' });
    assert.deepEqual(parseProfileInput({ script: 'a.py', args: ['-v', ''], seconds: 0.5, limit: 3, count: 'gil' }), {
      target: { script: 'a.py', args: ['-v', ''] },
      seconds: 0.5,
      limit: 3,
      count: 'gil',
    });
    assert.deepEqual(parseProfileInput({ script: 'a.py' }).target, { script: 'a.py', args: undefined });
    assert.deepEqual(parseReportInput({ profile: 'profile-2', thread: 'worker', count: 'all' }), {
      profile: 'profile-2',
      thread: 'worker',
      limit: 10,
      count: 'all',
    });
    assert.deepEqual(parseCompareInput({}), {
      before: undefined,
      after: undefined,
      by: 'share',
      lines: false,
      limit: 10,
      count: 'running',
    });
    assert.deepEqual(parseCompareInput({ before: 'a', after: 'b', by: 'seconds', lines: true, limit: 1, count: 'all' }), {
      ...{ before: 'a', after: 'b', by: 'seconds', lines: true },
      ...{ limit: 1, count: 'all' },
    });
    assert.deepEqual(parseStacksInput({ pid: 7, frames: 100 }), { pid: 7, frames: 100 });
  });

  for (const [parse, input, why] of [
    [parseListInput, null, /has to be an object/],
    [parseListInput, [], /has to be an object/],
    [parseListInput, { pid: 7 }, /no field "pid"; there is none/],
    [parseProfileInput, {}, /either "pid".*or "script"/],
    [parseProfileInput, { pid: 7, script: 'a.py' }, /either "pid".*or "script"/],
    [parseProfileInput, { pid: 7, args: [] }, /"args" go with "script"/],
    [parseProfileInput, { pid: '7' }, /"pid" has to be a number/],
    [parseProfileInput, { pid: 1.5 }, /"pid" has to be a whole number/],
    [parseProfileInput, { pid: 0 }, /"pid" has to be a number from 1/],
    [parseProfileInput, { pid: 2 ** 32 }, /"pid" has to be a number/],
    [parseProfileInput, { pid: Number.NaN }, /"pid" has to be a number/],
    [parseProfileInput, { pid: 7, seconds: 61 }, /"seconds" has to be a number from 0.1 to 60/],
    [parseProfileInput, { pid: 7, seconds: Infinity }, /"seconds"/],
    [parseProfileInput, { pid: 7, count: 'cpu' }, /"count" has to be one of "running", "gil", "all"/],
    [parseProfileInput, { pid: 7, python: '/bin/sh' }, /no field "python"; there is "pid", "script"/],
    [parseProfileInput, { script: '' }, /"script" has to be text/],
    [parseProfileInput, { script: 'a\0.py' }, /null character/],
    [parseProfileInput, { script: 'a.py', args: 'x' }, /"args" has to be a list/],
    [parseProfileInput, { script: 'a.py', args: [1] }, /"args" has to be a list/],
    [parseProfileInput, { script: 'a.py', args: ['a\0'] }, /"args" has to be a list/],
    [parseProfileInput, { script: 'a.py', args: Array(65).fill('') }, /at most 64/],
    [parseReportInput, { limit: 51 }, /"limit" has to be a number from 1 to 50/],
    [parseReportInput, { thread: 'x'.repeat(4097) }, /"thread" has to be text/],
    [parseCompareInput, { by: 'time' }, /"by" has to be one of "share", "seconds"/],
    [parseCompareInput, { lines: 1 }, /"lines" has to be true or false/],
    [parseCompareInput, { before: '' }, /"before" has to be text/],
    [parseStacksInput, {}, /"pid" is missing/],
    [parseStacksInput, { pid: 7, frames: 0 }, /"frames"/],
  ] as const) {
    it(`is refused as ${JSON.stringify(input).slice(0, 60)} (${parse.name})`, () => {
      assert.throws(
        () => parse(input),
        (error) => error instanceof NoAnswer && why.test(error.message),
      );
    });
  }

  it('is anything, and nothing worse than a refusal comes of it', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.values(parsers)), (input, parse) => {
        try {
          parse(input);
        } catch (error) {
          assert.ok(error instanceof NoAnswer);
        }
      }),
      { numRuns: rounds(500) },
    );
  });

  it('is limited by the manifest as it is here', () => {
    const properties = (name: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
      manifest.contributes.languageModelTools.find((tool) => tool.name === name)!.inputSchema.properties;
    assert.deepEqual(manifest.contributes.languageModelTools.map(({ name }) => name).sort(), Object.keys(parsers).sort());
    const { seconds, limit, args, script } = properties('heatline_profile');
    assert.deepEqual([seconds?.['maximum'], seconds?.['default']], [limits.seconds.most, limits.seconds.usual]);
    assert.deepEqual([limit?.['maximum'], limit?.['default']], [limits.places.most, limits.places.usual]);
    assert.deepEqual([args?.['maxItems'], script?.['maxLength']], [limits.args, limits.text]);
    const { frames } = properties('heatline_stacks');
    assert.deepEqual([frames?.['maximum'], frames?.['default']], [limits.frames.most, limits.frames.usual]);
    // Every property that the manifest names is known, and no other.
    for (const [name, parse] of Object.entries(parsers))
      assert.throws(
        () => parse({ '?': 1 }),
        ({ message }: Error) => {
          const known = [...message.slice(message.indexOf(';')).matchAll(/"(\w+)"/g)].map((match) => match[1]!);
          assert.deepEqual(known.sort(), Object.keys(properties(name)).sort());
          return true;
        },
      );
  });
});
