import assert from 'node:assert/strict';
import path from 'node:path';
import type { Profile } from '../../../profile/profile.ts';
import { collapsedLines } from '../../../profile/formats/collapsed.ts';
import { environmentWith } from '../../support/asyncPackages.ts';
import { type Interpreter, oneOfEachMinor, since, title } from '../../support/interpreters.ts';
import { startTarget } from '../../support/target.ts';
import { sample } from '../sample.ts';

const script = path.join(import.meta.dirname, '../asyncio/targets/running.py');

/** Names of each stack's frames, outermost first, and how many samples it has. */
function stacksOf(profile: Profile): { readonly names: readonly string[]; readonly count: number }[] {
  return [...collapsedLines(profile)].map((line) => {
    const at = line.lastIndexOf(' ');
    const frames = line.trimEnd().slice(0, at).split(';');
    return { names: frames.map((frame) => frame.replace(/ \([^()]*\)$/, '')), count: Number(line.slice(at + 1)) };
  });
}

/** Samples running.py, and looks whether the task in each stack is the one that runs such a function. */
async function check(interpreter: Interpreter, loop: 'asyncio' | 'uvloop', environment: Readonly<Record<string, string>>): Promise<void> {
  await using target = await startTarget(interpreter, script, { environment });
  const { profile } = await sample({ pid: target.pid, rate: 2000, maxStopped: 0, tasks: true }, 3000);
  const counts = { inSteps: 0, named: 0, wrong: 0 };
  const seen = new Set<string>();
  for (const { names, count } of stacksOf(profile)) {
    const step = names.find((name) => /^step\d$/.test(name));
    const tasks = names.filter((name) => name.startsWith('Task: '));
    assert(tasks.length <= 1, names.join(';'));
    const place = names.findIndex((name) => name.startsWith('Task: '));
    if (place >= 0) {
      // uvloop's own functions are of C.
      assert.match(names[place - 1] ?? '', loop === 'asyncio' ? /^(Handle\.)?_run$/ : /^(Runner\.)?run$/);
      // A sample may end where the coroutine is resumed, but never in the task itself.
      assert.match(names[place + 1] ?? '', /^(task|lasting|main)$/);
    }
    if (step === undefined) continue;
    counts.inSteps += count;
    const task = tasks[0];
    if (task === undefined) continue;
    counts.named += count;
    seen.add(task);
    const isRight =
      task === 'Task: lasting n° 3' ? step === 'step3' : /^Task: n-\d+$/.test(task) && Number(task.slice(8)) % 8 === Number(step.slice(4));
    if (!isRight) counts.wrong += count;
  }
  assert(counts.inSteps > 1000 && seen.size > 10, JSON.stringify(counts));
  assert(counts.named > counts.inSteps / 2, JSON.stringify(counts));
  // Names are copied a microsecond after frames: a task may have taken another one's place, with all its addresses.
  assert(counts.wrong <= counts.named / 100, JSON.stringify(counts));
  if (process.env['HEATLINE_FIGURES'] !== undefined) console.log(JSON.stringify(counts));
}

describe('Samples of asyncio tasks', () => {
  for (const interpreter of oneOfEachMinor(since(3, 8))) {
    it(`show the task below its coroutine, on ${title(interpreter)}`, () => check(interpreter, 'asyncio', {})).timeout(60_000);

    it(`show the task below its coroutine in uvloop, on ${title(interpreter)}`, function () {
      const environment = environmentWith('uvloop', interpreter);
      if (environment === null) this.skip();
      return check(interpreter, 'uvloop', environment);
    }).timeout(60_000);
  }

  it('show no task unless asked to', async function () {
    const interpreter = since(3, 8).at(-1);
    if (interpreter === undefined) this.skip();
    await using target = await startTarget(interpreter, script);
    const { profile } = await sample({ pid: target.pid, rate: 2000 }, 500);
    const names = stacksOf(profile).flatMap((stack) => stack.names);
    assert(names.length > 0 && !names.some((name) => name.startsWith('Task: ')));
  }).timeout(60_000);
});
