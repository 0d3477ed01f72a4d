import assert from 'node:assert/strict';
import path from 'node:path';
import { lookAtGreenlets } from '../../../native/index.ts';
import { isNotRead } from '../../../profile/delta.ts';
import { environmentWith } from '../../support/asyncPackages.ts';
import { type Interpreter, oneOfEachMinor, since, title } from '../../support/interpreters.ts';
import { startTarget, type Target } from '../../support/target.ts';
import { Judgement, sliceLength } from '../edgeTable.ts';
import { sample } from '../sample.ts';

const script = path.join(import.meta.dirname, '../asyncio/targets/pool.py');
const workers = 8;
const depth = 4;
/** Highest share of samples in the typical slice, as in movingTargets.test.ts. */
const bound = 0.03;

/** What the target says of a suspended greenlet. */
interface Told {
  readonly id: string;
  readonly type: string;
  readonly parent: string;
  readonly stack: readonly (readonly [name: string, file: string, line: number])[];
}

function start(interpreter: Interpreter, mode: string): Promise<Target> | null {
  const environment = environmentWith('gevent', interpreter);
  return environment === null ? null : startTarget(interpreter, script, { arguments: [mode], environment });
}

/** What is wrong with a stack, outermost function first: a worker calls its own functions, each by the one before, and nobody else does. */
function faultOf(names: readonly string[]): string | null {
  const own = names.flatMap((name, at) => {
    const [, worker, level] = /^w(\d)_(\d)$/.exec(name) ?? [];
    return worker === undefined ? [] : [{ worker, level: Number(level), at }];
  });
  const [first] = own;
  if (first === undefined) return names.includes('burn') || names.includes('sleep') ? 'nobody’s work' : null;
  if (own.some(({ worker }) => worker !== first.worker)) return 'functions of two workers';
  if (own.some(({ level, at }, i) => level !== i || at !== first.at + i)) return 'not in their order';
  if (names.slice(0, first.at).some((name) => name === '<module>' || name === 'burn')) return 'a worker below something that starts none';
  const beyond = names.slice(first.at + own.length);
  return beyond.includes('sleep') && own.length !== depth ? 'sleeps where it does not' : null;
}

describe('gevent', () => {
  for (const interpreter of oneOfEachMinor(since(3, 8))) {
    it(`shows each worker’s own stack while they switch all the time, on ${title(interpreter)}`, async function () {
      const starting = start(interpreter, 'moving');
      if (starting === null) this.skip();
      await using target = await starting;
      for (const rate of [10_000, 'max'] as const) {
        const judgement = new Judgement();
        // All of them run as often as each other: which are seen by when is chance, that they are is not.
        const unseen = new Set(Array.from({ length: workers * depth }, (_, at) => `w${Math.floor(at / depth)}_${at % depth}`));
        let looked = 0;
        const { profile } = await sample({ pid: target.pid, rate }, (growing) => {
          const { stacks, starts, counts, threads, length } = growing.runs;
          for (; looked < length - 1; looked++) {
            if (!growing.threads[threads[looked]!]!.isMain) continue; // gevent's pool of threads waits
            const names: string[] = [];
            for (let at = stacks[looked]!; at !== 0; at = growing.stackParent(at)) {
              const function_ = growing.functions[growing.frameFunction(growing.stackFrame(at))]!;
              if (!isNotRead(function_)) names.unshift(function_.name);
            }
            for (const name of names) unseen.delete(name);
            const fault = faultOf(names);
            judgement.add(
              Math.floor(starts[looked]! / sliceLength),
              counts[looked]!,
              fault === null ? null : 'impossible',
              `${fault}: ${names.join(' > ')}`,
            );
          }
          return judgement.samples >= (unseen.size === 0 ? (rate === 'max' ? 30_000 : 3000) : 300_000);
        });
        const figures = `${judgement.samples} samples at ${rate}, wrong ${(100 * judgement.share('impossible')).toFixed(3)} %, lost ${profile.quality.lost}`;
        if (process.env['HEATLINE_FIGURES'] !== undefined) console.log(`      ${figures}`);
        assert.equal(unseen.size, 0, `${[...unseen].join()} not seen; ${figures}`);
        assert(
          judgement.typicalShare('impossible') <= bound,
          `${figures}\n${[...judgement.examples]
            .sort((a, b) => b[1] - a[1])
            .slice(0, 5)
            .join('\n')}`,
        );
        assert(profile.quality.lost <= profile.quality.samples * 0.01 + 1, figures);
      }
    }).timeout(120_000);

    it(`has its suspended workers and its hub listed, on ${title(interpreter)}`, async function () {
      const starting = start(interpreter, 'still');
      if (starting === null) this.skip();
      await using target = await starting;
      const { greenlets, isImported, unreadable } = await lookAtGreenlets(target.pid);
      const told = (await target.ask('stacks')) as unknown as readonly Told[];
      assert.deepEqual([isImported, unreadable, told.length], [true, 0, workers + 1]);
      const byId = new Map(greenlets.map((one) => [one.id, one]));
      for (const { id, type, parent, stack } of told) {
        const one = byId.get(id);
        assert(one !== undefined, `${type} ${id} was not found`);
        const seen = {
          type: one.type,
          parent: greenlets[one.parent]?.id,
          condition: one.condition,
          stack: one.stack.map((place) => [place.function, place.file, place.line]),
        };
        assert.deepEqual(seen, { type, parent, condition: 'suspended', stack });
      }
      // Besides, the one that runs: it waits for a line.
      const others = greenlets.filter(({ id }) => !told.some((one) => one.id === id));
      assert.deepEqual(
        others.map(({ condition }) => condition),
        ['running'],
      );
      assert.deepEqual(new Set(told.map(({ type }) => type)), new Set(['Greenlet', 'Hub']));
    }).timeout(60_000);
  }
});
