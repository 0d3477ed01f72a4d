import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { distanceFromKnown, SequentialTest } from '../../bench/shareDistance.ts';
import type { EngineOptions } from '../../native/engine.ts';
import { isNative, nativeNotReadFunction, SampleFlag } from '../../profile/delta.ts';
import { lineTimes } from '../../profile/lines.ts';
import { Profile } from '../../profile/profile.ts';
import type { Report, SplitReport } from '../../profile/report.ts';
import { StackWeights } from '../../profile/weights.ts';
import { type Interpreter, interpreters, oneOfEachMinor, since, title } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';
import { EngineFailed, sample, sampleSeparately } from './sample.ts';

const cli = path.join(import.meta.dirname, '../../cli/main.ts');
const targets = path.join(import.meta.dirname, 'targets');
const script = path.join(targets, 'nativeShares.py');

/** Which Python functions each C function is called through, the innermost first. */
const callers: Readonly<Record<string, readonly string[]>> = {
  turns1: ['leaf1', 'drive', '<module>'],
  turns2: ['leaf2', 'drive', '<module>'],
  turns3: ['key3', 'leaf3', 'drive', '<module>'],
  turns5: ['back5', 'leaf5', 'drive', '<module>'],
};
const known = { shares: { turns1: 1 / 11, turns2: 2 / 11, turns3: 3 / 11, turns5: 5 / 11 }, least: 0.8, most: 1 };
/** Stacks of Python frames that there may be: these, and their outer parts. */
const possible = new Set(Object.values(callers).flatMap((all) => all.map((_, i) => all.slice(i).join(' '))));

interface Frame {
  readonly name: string;
  readonly isNative: boolean;
}

/** Innermost first; Python's functions without their classes. */
function framesOf(profile: Profile, stack: number): Frame[] {
  const frames: Frame[] = [];
  for (let at = stack; at !== 0; at = profile.stackParent(at)) {
    const record = profile.functions[profile.frameFunction(profile.stackFrame(at))]!;
    frames.push({ name: record.name, isNative: isNative(record) });
  }
  return frames;
}

/** What is wrong with a stack of the main thread; null: nothing. */
function faultOf(frames: readonly Frame[]): string | null {
  const python = frames.filter((frame) => !frame.isNative).map(({ name }) => name);
  const text = frames.map(({ name, isNative: native }) => (native ? name : `[${name}]`)).join(' ');
  if (!possible.has(python.join(' '))) return text;
  // Where it could not be unwound it says so.
  if (frames.some(({ name }) => name === nativeNotReadFunction.name)) return null;
  const innermost = frames.findIndex(({ name }) => name in callers);
  const caller = frames.slice(innermost).find((frame) => !frame.isNative)?.name;
  if (innermost >= 0 && caller !== callers[frames[innermost]!.name]![0]) return text;
  if (!python.includes('back5')) return null;
  const between = frames.slice(
    frames.findIndex(({ name }) => name === 'back5') + 1,
    frames.findIndex(({ name }) => name === 'leaf5'),
  );
  const calls = between.filter(({ name }) => name === 'inner_call' || name === 'outer_call').map(({ name }) => name);
  return calls.join(' ') === 'inner_call outer_call' ? null : text;
}

/** Judges the main thread's stacks and times. */
class MainThread {
  readonly faults = new Map<string, number>();
  verdict: ReturnType<SequentialTest['judge']> = 'undecided';
  said = '';
  #asked = 0;
  readonly #test = new SequentialTest({ allowed: 0.05, found: 0.2, missed: 0.01 });

  update(profile: Profile): boolean {
    const { runs } = profile;
    let sum = 0;
    let squares = 0;
    const times = new Map<string, number>();
    this.faults.clear();
    for (let run = 0; run < runs.length; run++) {
      // What was not read is marked, and has all its Python frames; before Python runs the program there is none.
      if (profile.threads[runs.threads[run]!]?.isMain !== true || (runs.flags[run]! & SampleFlag.Partial) !== 0) continue;
      const frames = framesOf(profile, runs.stacks[run]!);
      if (!frames.some(({ name }) => name === 'drive')) continue;
      const time = runs.durations[run]!;
      sum += time;
      squares += time * time;
      const name = frames.find((frame) => frame.name in callers)?.name ?? '';
      times.set(name, (times.get(name) ?? 0) + time);
      const fault = faultOf(frames);
      if (fault !== null) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    }
    // Samples that stand for more time than others count for fewer.
    const samples = sum === 0 ? 0 : (sum * sum) / squares;
    if (this.verdict !== 'undecided' || samples < Math.max(100, this.#asked * 1.25)) return this.verdict !== 'undecided';
    this.#asked = samples;
    const distance = distanceFromKnown(times, known);
    this.verdict = this.#test.judge(distance, samples, Object.keys(known.shares).length + 1);
    this.said = `${Math.round(samples)} samples, ${distance} wrong: ${JSON.stringify([...times])}`;
    return this.verdict !== 'undecided';
  }
}

describe('Native frames in a recording', function () {
  this.timeout(300_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-native-frames-'));
  const library = path.join(folder, 'nativeShares.so');
  before(function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') return this.skip();
    execFileSync('cc', ['-O1', '-fno-optimize-sibling-calls', '-shared', '-fPIC', '-o', library, path.join(targets, 'nativeShares.c')]);
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const start = (interpreter: Interpreter): Promise<Target> => startTarget(interpreter, script, { arguments: [library] });

  for (const interpreter of interpreters) {
    it(`${title(interpreter)}: are where they belong among Python’s, and no thread’s wait is interrupted`, async () => {
      await using target = await start(interpreter);
      const main = new MainThread();
      const seen = new Set<string>();
      const profile = await sampleSeparately({ pid: target.pid, rate: 500, native: 'functions' }, (growing) => {
        main.update(growing);
        for (let stack = 1; stack < growing.stackCount; stack++)
          for (const { name } of framesOf(growing, stack)) if (name in callers || name.startsWith('interrupted_')) seen.add(name);
        const isFull = seen.size === 6 && growing.quality.native!.stops >= 100;
        return main.faults.size > 0 || isFull;
      });
      assert.deepEqual([...main.faults], []);
      assert.deepEqual([...seen].sort(), ['interrupted_epoll', 'interrupted_poll', 'turns1', 'turns2', 'turns3', 'turns5']);
      const { stacks, merged } = profile.quality.native!;
      assert.ok(2 * merged > stacks, `${merged} of ${stacks} were merged`);
      const own = profile.functions.filter((record) => isNative(record) && record.name in callers);
      assert.deepEqual(new Set(own.map(({ file }) => file)), new Set([library]));
      assert.match(fs.readFileSync(`/proc/${target.pid}/status`, 'latin1'), /^TracerPid:\t0$/m);
      assert.deepEqual(await target.ask(null), { interrupted_poll: 0, interrupted_epoll: 0 });
    });
  }

  for (const interpreter of oneOfEachMinor([since(3, 9)[0], since(3, 12)[0], since(3, 15)[0]].filter((one) => one !== undefined))) {
    it(`${title(interpreter)}: have the shares of time that the program’s have, and their time is their Python line’s`, async () => {
      await using target = await start(interpreter);
      const main = new MainThread();
      const profile = await sampleSeparately({ pid: target.pid, rate: 1000, native: 'functions' }, (growing) => main.update(growing));
      assert.equal(main.verdict, 'right', main.said);
      const weights = new StackWeights(profile);
      const lines = lineTimes(weights).get(script) ?? [];
      // C's time is all self time of the four lines that call it.
      const source = fs.readFileSync(script, 'utf8').split('\n');
      const calling = lines.filter(({ line }) => /\.turns\d\(turns/.test(source[line - 1]!));
      assert.equal(calling.length, 4, JSON.stringify(lines));
      for (const { line, self, total } of calling) assert.ok(self > 0.9 * total, `${line}: ${self} of ${total}`);
      assert.deepEqual(await target.ask(null), { interrupted_poll: 0, interrupted_epoll: 0 });
    });
  }

  it('are recorded of a program that is started, whose output and exit code stay its own', function () {
    const interpreter = since(3, 12)[0];
    if (interpreter === undefined) return this.skip();
    const output = path.join(folder, 'run.txt');
    // By its own CPU time, so that there are a hundred looks or more at it however busy the machine is.
    const program = [
      'import sys, time, zlib',
      'data = bytes(range(256)) * 4000',
      'sizes = set()',
      'def packs():',
      '    end = time.process_time() + 3',
      '    while time.process_time() < end:',
      '        sizes.add(len(zlib.compress(data, 6)))',
      'packs()',
      'print(len(sizes), "sizes")',
      'sys.exit(7)',
    ].join('\n');
    const run = spawnSync(
      process.execPath,
      [cli, 'run', '-n', '-r', '500', '-f', 'raw', '-o', output, '--', interpreter.path, '-c', program],
      { encoding: 'utf8' },
    );
    assert.deepEqual([run.status, run.stdout], [7, '1 sizes\n'], run.stderr);
    assert.match(run.stderr, /native stacks: \d+(\.\d+)? % whole/);
    assert.match(fs.readFileSync(output, 'utf8'), /packs \(<string>:7\);(.*;)?deflate \(libz/);
  });

  for (const interpreter of [since(3, 12)[0]].filter((one) => one !== undefined))
    it(`tell what of a line’s time the system’s is, with ${title(interpreter)}`, function () {
      const output = path.join(folder, 'split.json.gz');
      // By its own CPU time, so that there are enough looks at each line however busy the machine is.
      const program = [
        'import hashlib, os, resource',
        'data = os.urandom(1 << 20)',
        'noise = open("/dev/urandom", "rb", 0)',
        'def cpu():',
        '    used = resource.getrusage(resource.RUSAGE_SELF)',
        '    return used.ru_utime + used.ru_stime',
        'end = cpu() + 0.6',
        'while cpu() < end:',
        '    for _ in range(4): noise.read(1 << 20)',
        '    for _ in range(8): hashlib.sha256(data)',
        '    total = 0',
        '    for i in range(100000): total ^= i',
      ].join('\n');
      const run = spawnSync(process.execPath, [cli, 'run', '-n', '-r', '500', '-o', output, '--', interpreter.path, '-c', program], {
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
      const text = spawnSync(process.execPath, [cli, 'report', '--json', output], { encoding: 'utf8' }).stdout;
      const { lines, splitBy } = JSON.parse(text) as Report;
      assert.equal(splitBy, 'native frames');
      const splitOf = (line: number): SplitReport => lines.find((one) => one.line === line)!.split!;
      const [system, native, python] = [splitOf(9), splitOf(10), splitOf(12)];
      // Of what is told: on a busy machine some looks find no native stack.
      const told = (split: SplitReport): number => split.python + split.native + split.system;
      assert.ok(system.system > 0.8 * told(system), JSON.stringify(system));
      assert.ok(native.native > 0.8 * told(native) && native.system < 0.1, JSON.stringify(native));
      assert.ok(python.python + python.interpreter > 0.8 * told(python) && python.system < 0.1, JSON.stringify(python));
    });

  it('have lines of their sources, inlined functions and plain names', function () {
    const interpreter = since(3, 12)[0];
    if (interpreter === undefined) return this.skip();
    const [source, library, output] = ['shop.c', 'shop.so', 'shop.txt'].map((name) => path.join(folder, name)) as [string, string, string];
    // The name is one of C++'s, for which no compiler of that is needed.
    const code = [
      '__attribute__((always_inline)) static inline int mix(int a, int b) {',
      '  return (a << 3 ^ a >> 5) * b + 1;',
      '}',
      'int work(int) __asm__("_ZN4shop4workEi");',
      'int work(int n) {',
      '  for (int i = 0; i < 1000000; i++)',
      '    n = mix(n, i);',
      '  return n;',
      '}',
    ];
    fs.writeFileSync(source, code.join('\n'));
    execFileSync('cc', ['-g', '-O1', '-shared', '-fPIC', '-o', library, source]);
    const program = [
      'import ctypes, sys, time',
      'work = ctypes.PyDLL(sys.argv[1])["_ZN4shop4workEi"]',
      'end = time.process_time() + 1',
      'while time.process_time() < end:',
      '    work(1)',
    ].join('\n');
    const run = spawnSync(
      process.execPath,
      [cli, 'run', '-n', '-r', '100', '-f', 'raw', '-o', output, '--', interpreter.path, '-c', program, library],
      { encoding: 'utf8' },
    );
    assert.equal(run.status, 0, run.stderr);
    const stacks = fs.readFileSync(output, 'utf8');
    assert.match(stacks, /^<module> \(<string>:5\);(.*;)?shop::work\(int\) \(shop\.c:7\);mix \(shop\.c:2\) \d+$/m);
    assert.doesNotMatch(stacks, /_ZN4shop/);
  });

  it('are refused with a reason of what the same process started, and where nothing may be stopped', async function () {
    const interpreter = since(3, 12)[0];
    if (interpreter === undefined) return this.skip();
    await using target = await start(interpreter);
    const failure = async (options: Partial<EngineOptions>): Promise<unknown> => {
      try {
        await sample({ pid: target.pid, rate: 100, native: 'functions', ...options }, 1);
        return null;
      } catch (error) {
        if (error instanceof EngineFailed) return error.failure;
        throw error;
      }
    };
    assert.deepEqual(await failure({}), { code: 'not-native', pid: target.pid, reason: 'own-child' });
    assert.deepEqual(await failure({ maxStopped: 0 }), { code: 'not-native', pid: target.pid, reason: 'never-stop' });
    await assert.rejects(sample({ pid: target.pid, rate: 2000, native: 'functions' }), RangeError);
  });
});
