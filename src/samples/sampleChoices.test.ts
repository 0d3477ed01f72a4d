import assert from 'node:assert/strict';
import '../testing/fakeVscode.ts';
import { profileOf } from '../../profile/testing/build.ts';
import { DEFAULT_QUERY, type SampleChoice, samplesOf } from '../../webview/query.ts';
import type { ProfileSource } from '../profileSource.ts';

const { EventEmitter } = await import('vscode');
const { Format } = await import('../format.ts');
const { SampleChoices } = await import('./sampleChoices.ts');
const { samplesText, wholeText } = await import('./samplesText.ts');
const { SourceTimes } = await import('../sourceTimes.ts');

const ALL = samplesOf(DEFAULT_QUERY);
const CPU: SampleChoice = { ...ALL, onCpuOnly: true };
const WORKER: SampleChoice = { ...CPU, scope: { kind: 'thread', id: 1 } };
const profile = profileOf({
  runs: [
    { stack: 'main:1', thread: 0, count: 3 },
    { stack: 'work:2', thread: 1, count: 4 },
    { stack: 'work:3', thread: 1, count: 9, flags: 0 },
  ],
  threads: [{ name: 'MainThread' }, { name: 'worker-1' }],
});
const source: ProfileSource = {
  id: 'a',
  title: 'a',
  profile,
  state: 'ended',
  endMessage: undefined,
  isSaved: true,
  onDidChange: new EventEmitter<void>().event,
};
const other: ProfileSource = { ...source, id: 'b' };

describe('which samples count', () => {
  let settings: SampleChoice;
  let changed: string[];
  const choices = (): InstanceType<typeof SampleChoices> => {
    const made = new SampleChoices({ choice: () => settings, treatment: () => undefined });
    made.onDidChange(({ id }) => changed.push(id));
    return made;
  };
  beforeEach(() => {
    settings = CPU;
    changed = [];
  });

  it('is what the settings say, until something else is chosen for a profile', () => {
    const made = choices();
    assert.deepEqual(made.of(source), CPU);
    assert.equal(made.isOwn(source), false);
    made.choose(source, WORKER);
    assert.deepEqual([made.of(source), made.of(other)], [WORKER, CPU]);
    assert.deepEqual([made.isOwn(source), made.isOwn(other)], [true, false]);
    assert.deepEqual(changed, ['a']);
    made.choose(source, { ...WORKER });
    assert.deepEqual(changed, ['a'], 'nothing new');
  });

  it('decides the lines’ times in the editor as it does in the flame graph', () => {
    const made = choices();
    const linesOf = (): [number, number][] =>
      [...new SourceTimes(source, made.filterOf(source)).lines.values()].flat().map(({ line, samples }) => [line, samples]);
    assert.deepEqual(linesOf(), [
      [1, 3],
      [2, 4],
    ]);
    made.choose(source, WORKER);
    assert.deepEqual(linesOf(), [[2, 4]]);
    made.choose(source, { ...WORKER, onCpuOnly: false });
    assert.deepEqual(linesOf(), [
      [2, 4],
      [3, 9],
    ]);
  });

  it('shows the same stacks in the editor as in the flame graph', () => {
    const made = choices();
    made.choose(source, { ...ALL, transforms: [{ kind: 'dropFunction', func: 0 }] });
    const { lines, functions } = new SourceTimes(source, made.filterOf(source));
    assert.deepEqual(
      [...lines.values()].flat().map(({ line }) => line),
      [2, 3],
    );
    made.choose(source, { ...ALL, transforms: [{ kind: 'onlyMine' }] });
    assert.deepEqual(
      functions.map(({ func }) => func),
      [1],
    );
    assert.equal(new SourceTimes(source, made.filterOf(source)).functions.length, 2);
  });

  it('is one object as long as it is the same, as answers are kept by it', () => {
    const made = choices();
    const first = made.filterOf(source);
    assert.equal(made.filterOf(source), first);
    made.choose(source, { ...CPU });
    assert.equal(made.filterOf(source), first);
    made.choose(source, WORKER);
    assert.notEqual(made.filterOf(source), first);
  });

  it('follows the settings when those change; a thread that was chosen stays', () => {
    const made = choices();
    made.choose(source, WORKER);
    changed = [];
    made.settingsChanged([source, other]);
    assert.deepEqual(changed, []);
    settings = { ...ALL, gilOnly: true };
    made.settingsChanged([source, other]);
    assert.deepEqual(changed, ['a', 'b']);
    assert.deepEqual(made.of(source), { ...settings, scope: WORKER.scope });
    assert.deepEqual(made.of(other), settings);
  });

  it('is said in words', () => {
    assert.equal(samplesText(WORKER, profile), 'worker-1 · On CPU');
    assert.equal(samplesText(ALL, profile), 'All threads · waiting included');
    const format = new Format('en');
    assert.equal(wholeText(CPU, profile, 3e6, format), 'Shares of 3 s that threads ran on a core');
    assert.match(wholeText(WORKER, profile, 3e6, format), /chosen in the flame graph: worker-1 · On CPU/);
    assert.equal(samplesText({ ...ALL, transforms: [{ kind: 'onlyMine' }] }, profile), 'All threads · waiting included · 1 step');
    assert.match(wholeText({ ...CPU, transforms: [{ kind: 'onlyMine' }] }, profile, 3e6, format), /chosen in the flame graph: .* · 1 step/);
    assert.match(wholeText({ ...CPU, gilOnly: true }, profile, 3e6, format), /On CPU · GIL/);
  });
});
