import assert from 'node:assert/strict';
import { FoundEvaluations } from './evaluationList.ts';
import { StackMerger, type UnwoundStack } from './merge.ts';
import { StackEnd } from './unwinder.ts';
import { x64 } from './x64.ts';

/** Native frames of 256 bytes each, named by a letter; "E": the evaluating function. */
function stackOf(
  letters: string,
  words: Readonly<Record<number, number>> = {},
  saved: Readonly<Record<string, number>> = {},
): UnwoundStack {
  const frames = letters.split('');
  return {
    addresses: Float64Array.from(frames, (letter) => letter.charCodeAt(0)),
    stackPointers: Float64Array.from(frames, (_, i) => 0x1000 + 256 * i),
    frameEnds: Float64Array.from(frames, (_, i) => 0x1000 + 256 * (i + 1)),
    isExact: new Uint8Array(frames.length),
    count: frames.length,
    end: StackEnd.Root,
    savedRegister: (frame, index) => saved[`${frame},${index}`] ?? NaN,
    word: (address) => words[address] ?? 0,
  };
}

function merged(stack: UnwoundStack, list: FoundEvaluations, frames: number): { readonly text: string; readonly merger: StackMerger } {
  const merger = new StackMerger(stack, { has: (address) => address === 'E'.charCodeAt(0) }, x64);
  assert.equal(merger.merge(list, frames), StackEnd.Root);
  const text = Array.from(merger.merged.subarray(0, merger.count), (one) =>
    one >= 0 ? String(one) : String.fromCharCode(stack.addresses[-1 - one]!),
  );
  return { text: text.join(''), merger };
}

function evaluations(kind: 'local' | 'pointer', all: readonly (readonly [number, number])[]): FoundEvaluations {
  const list = new FoundEvaluations(kind);
  for (const [address, frames] of all) list.add(address, frames);
  return list;
}

describe('StackMerger', () => {
  it('puts the frames of each evaluation where its variable lies', () => {
    const { text, merger } = merged(
      stackOf('abEcdEm'),
      evaluations('local', [
        [0x1210, 2],
        [0x15f8, 3],
      ]),
      3,
    );
    assert.equal(text, 'ab01cd2m');
    assert.equal(merger.left, 0);
  });

  it('needs neither a name nor a count: an evaluation in code that is not known as such has its frames, one without any is left out', () => {
    assert.equal(merged(stackOf('axb'), evaluations('local', [[0x1180, 1]]), 1).text, 'a0b');
    assert.equal(merged(stackOf('aEbEc'), evaluations('local', [[0x1380, 1]]), 1).text, 'ab0c');
  });

  it('cuts off what lies beyond all evaluations of a greenlet', () => {
    const { text, merger } = merged(stackOf('aEsEm'), evaluations('local', [[0x1180, 2]]), 2);
    assert.equal(text, 'a01s');
    assert(merger.isCut);
  });

  it('loses no Python frame where the native stack ends early', () => {
    const { text, merger } = merged(
      stackOf('aEb'),
      evaluations('local', [
        [0x1180, 1],
        [0x9000, 4],
      ]),
      4,
    );
    assert.equal(text, 'a0b123');
    assert.equal(merger.left, 3);
    assert.equal(merged(stackOf(''), evaluations('local', [[0x1180, 1]]), 1).text, '0');
  });

  it('finds frame objects in the evaluation’s frame or in its registers, in no other frame', () => {
    const list = evaluations('pointer', [
      [0xf0, 1],
      [0xf1, 2],
      [0xf2, 3],
    ]);
    const words = { 0x1008: 0xf0, 0x1110: 0xf0, 0x1410: 0xf2 };
    const { text, merger } = merged(stackOf('aEEbE', words, { '2,3': 0xf1 }), list, 3);
    assert.equal(text, 'a01b2');
    assert.equal(merger.left, 0);
  });

  it('has room for deep stacks', () => {
    const list = evaluations(
      'local',
      Array.from({ length: 1000 }, (_, i) => [0x1000 + 256 * (2 * i + 1), i + 1] as const),
    );
    assert.equal(merged(stackOf('aE'.repeat(1000)), list, 1000).merger.count, 2000);
  });
});
