import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Location, Locations } from '../../native/cpython/locations.ts';
import { opcodeNames } from '../../native/cpython/opcodeNames.ts';
import { startEngine } from '../../native/index.ts';
import type { PlainFrame } from '../../native/sampler/testing/handSampler.ts';
import { expressionTimes } from '../../profile/expressions.ts';
import { parseFirefox } from '../../profile/formats/firefox.ts';
import { lineTimes } from '../../profile/lines.ts';
import { Profile } from '../../profile/profile.ts';
import { StackWeights } from '../../profile/weights.ts';
import { type Interpreter, since, title } from '../support/interpreters.ts';
import { type Json, startTarget, type Target } from '../support/target.ts';
import { LiveHandSampler } from './liveHandSampler.ts';
import { EngineFailed } from './sample.ts';
import { stopsOf } from './stops.ts';

const targets = path.join(import.meta.dirname, 'targets');
const maxShown = 5;

/** What co_positions() says: line, end line, column and end column, in bytes. */
type Positions = readonly [number | null, number | null, number | null, number | null];

for (const interpreter of since(3, 11)) {
  describe(`Instructions of ${title(interpreter)}`, () => {
    it('have the names that the interpreter itself has for them', () => {
      const map = JSON.parse(ask(interpreter, ['-c', 'import dis, json; print(json.dumps(dis._all_opmap))'])) as Record<string, number>;
      const truth = new Array<string>(256).fill('');
      // Pseudo instructions have numbers above 255 and never reach memory.
      for (const [name, opcode] of Object.entries(map)) if (opcode <= 255) truth[opcode] = name;
      assert(truth.filter((name) => name !== '').length > 180);
      assert.deepEqual(opcodeNames(interpreter.minor), truth);
    }).timeout(20_000);

    it('come from where the interpreter itself reads it from its tables', () => {
      let units = 0;
      for (const line of ask(interpreter, [path.join(targets, 'positions.py'), '40'])
        .trim()
        .split('\n')) {
        const [file, name, firstLine, table, truth] = JSON.parse(line) as [string, string, number, string, Positions[]];
        const locations = new Locations(Buffer.from(table, 'hex'), firstLine, truth.length);
        assert.deepEqual(
          Array.from(truth, (_, unit) => locations.at(unit)),
          truth.map(locationOf),
          `${name} in ${file}`,
        );
        units += truth.length;
      }
      assert(units > 100_000, `${units} units`);
    }).timeout(60_000);

    it('are those that a program which stands still says it is at', async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'instructions.py'));
      const { stops, problems, opcodes } = await checkInstructions(target);
      assert(problems.length === 0, `${problems.length} problems in ${stops} stops, first:\n${problems.slice(0, maxShown).join('\n\n')}`);
      assert(stops > 60, `${stops} stops`);
      // What was seen is worth something only if it is more than the plain ones.
      const expected = interpreter.minor >= 12 ? ['INSTRUMENTED_LINE', 'INSTRUMENTED_INSTRUCTION'] : [];
      if (interpreter.minor === 11)
        expected.push('BINARY_SUBSCR_GETITEM', 'CALL_ADAPTIVE'); // which has no calls in FOR_ITER and LOAD_ATTR yet
      else if (!interpreter.freeThreaded || interpreter.minor > 13) expected.push('LOAD_ATTR_PROPERTY', 'FOR_ITER_GEN');
      for (const name of expected) assert(opcodes.has(name), `${name} among ${[...opcodes].sort().join(' ')}`);
    }).timeout(120_000);

    it('are sampled with opcodes that change while the program runs', async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'specialising.py'));
      // 3.13t does not specialise.
      const [ints, floats] =
        interpreter.freeThreaded && interpreter.minor === 13
          ? ['BINARY_OP', 'BINARY_OP']
          : ['BINARY_OP_MULTIPLY_INT', 'BINARY_OP_MULTIPLY_FLOAT'];
      const profile = new Profile();
      await new Promise<void>((resolve, reject) => {
        const engine = startEngine({ pid: target.pid, rate: 2000, instructions: true, deltaInterval: 50 }, (event) => {
          if (event.type === 'delta') {
            profile.append(event.delta);
            const seen = multiplications(profile);
            if (seen.has(floats)) engine.stop();
            else if (seen.has(ints)) target.tell('float');
          } else if (event.type === 'ended') resolve();
          else if (event.type === 'failed') reject(new EngineFailed(event.failure));
        });
      });
      assert(multiplications(profile).has(ints) && multiplications(profile).has(floats));
      // Over and over the line's place is the same, and adds up to no more than the line.
      const weights = new StackWeights(profile);
      const [file, lines] = [...lineTimes(weights)].find(([name]) => name.endsWith('specialising.py'))!;
      const hottest = lines.reduce((best, line) => (line.self > best.self ? line : best));
      const rows = expressionTimes(weights, file, hottest.line, Infinity);
      assert(rows.reduce((sum, row) => sum + row.self, 0) <= hottest.self * (1 + 1e-9));
    }).timeout(120_000);

    it('are recorded from the command line when asked for', async () => {
      await using target = await startTarget(interpreter, path.join(targets, 'specialising.py'));
      const cli = path.join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
      const record = (...options: readonly string[]): Profile =>
        parseFirefox(
          gunzipSync(
            execFileSync(process.execPath, [cli, 'record', '-p', String(target.pid), '-d', '0.5', '-o', '-', ...options], {
              stdio: ['ignore', 'pipe', 'ignore'],
              maxBuffer: 1 << 29,
            }),
          ).toString(),
        );
      assert(multiplications(record('--instructions')).size > 0);
      assert.equal(record().instructions.isPresent, false);
    }).timeout(60_000);
  });
}

/** Opcodes that `größe * größe` was sampled with. */
function multiplications(profile: Profile): Set<string> {
  const found = new Set<string>();
  for (let frame = 0; frame < profile.frameCount; frame++) {
    const instruction = profile.instructions.of(frame);
    // ö and ß take two bytes each.
    if (profile.functions[profile.frameFunction(frame)]!.name !== 'work' || instruction?.startColumn !== 23 || instruction.endColumn !== 40)
      continue;
    found.add(instruction.opcode);
  }
  return found;
}

/** Goes through all stops and compares samples with what the target says: of a sampler that saw all, and of one that is new at each. */
async function checkInstructions(target: Target): Promise<{ stops: number; problems: string[]; opcodes: Set<string> }> {
  using old = await LiveHandSampler.open(target.pid, true);
  const problems: string[] = [];
  const opcodes = new Set<string>();
  let stops = 0;
  for await (const { name: stop, said } of stopsOf(target)) {
    stops++;
    old.sampler.housekeeping(); // as a session does several times a second
    using fresh = await LiveHandSampler.open(target.pid, true);
    const truth = (said as StopMessage).threads.find(({ name }) => name === 'MainThread')!;
    for (const [, , , , [opcode]] of truth.stack) opcodes.add(opcode);
    for (const [who, hand] of [
      ['the sampler that saw all', old],
      ['a new sampler', fresh],
    ] as const) {
      const runs = hand.tick(3);
      const thread = hand.threads.findIndex(({ pythonThreadId }) => pythonThreadId === truth.ident);
      const stacks = new Set([...runs.stacks].filter((_, run) => runs.threads[run] === thread));
      assert.equal(stacks.size, 1, `samples of a thread that stands still differ at "${stop}"`);
      for (const stack of stacks) {
        const is = hand.framesOf(stack).map(sampledText);
        const should = truth.stack.map(statedText);
        const at = should.findIndex((text, depth) => text !== is[depth]);
        if (at >= 0 || is.length !== should.length)
          problems.push(`At "${stop}", ${who} differs from depth ${at}:\n  is     ${is[at]}\n  should ${should[at]}`);
      }
    }
  }
  return { stops, problems, opcodes };
}

/** [opcode, offset, …positions] */
type StatedInstruction = readonly [string, number, ...Positions];
type StatedFrame = readonly [name: string, file: string, line: number, firstLine: number, instruction: StatedInstruction];
type StopMessage = Json & {
  readonly threads: readonly { readonly ident: string; readonly name: string | null; readonly stack: readonly StatedFrame[] }[];
};

function sampledText({ name, line, instruction }: PlainFrame): string {
  const { opcode, offset, endLine, startColumn, endColumn } = instruction!;
  return `${name}: ${opcode} at ${offset}, ${line}:${startColumn}–${endLine}:${endColumn}`;
}

function statedText([name, , , , [opcode, offset, ...positions]]: StatedFrame): string {
  const { line, startColumn, endLine, endColumn } = locationOf(positions) ?? { line: 0, startColumn: 0, endLine: 0, endColumn: 0 };
  return `${name}: ${opcode} at ${offset}, ${line}:${startColumn}–${endLine}:${endColumn}`;
}

function locationOf([line, endLine, column, endColumn]: Positions): Location | null {
  // A line 0 is the module's RESUME (3.11), which no editor can show.
  if (line === null || line === 0) return null;
  const hasColumns = column !== null && endColumn !== null;
  return { line, endLine: endLine ?? line, startColumn: hasColumns ? column + 1 : 0, endColumn: hasColumns ? endColumn + 1 : 0 };
}

function ask(interpreter: Interpreter, args: readonly string[]): string {
  return execFileSync(interpreter.path, args, {
    encoding: 'utf8',
    env: { ...process.env, ...interpreter.environment },
    maxBuffer: 1 << 29,
  });
}
