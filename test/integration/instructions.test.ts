import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Location, Locations } from '../../native/cpython/locations.ts';
import { opcodeNames } from '../../native/cpython/opcodeNames.ts';
import type { PlainFrame } from '../../native/sampler/testing/handSampler.ts';
import { type Interpreter, since, title } from '../support/interpreters.ts';
import { type Json, startTarget, type Target } from '../support/target.ts';
import { LiveHandSampler } from './liveHandSampler.ts';
import { allWait } from './stops.ts';

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
      for (const line of ask(interpreter, [path.join(targets, 'positions.py'), '40']).trim().split('\n')) {
        const [file, name, firstLine, table, truth] = JSON.parse(line) as [string, string, number, string, Positions[]];
        const locations = new Locations(Buffer.from(table, 'hex'), firstLine, truth.length);
        assert.deepEqual(Array.from(truth, (_, unit) => locations.at(unit)), truth.map(locationOf), `${name} in ${file}`);
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
      if (interpreter.minor === 11) expected.push('BINARY_SUBSCR_GETITEM', 'CALL_ADAPTIVE'); // which has no calls in FOR_ITER and LOAD_ATTR yet
      else if (!interpreter.freeThreaded || interpreter.minor > 13) expected.push('LOAD_ATTR_PROPERTY', 'FOR_ITER_GEN');
      for (const name of expected) assert(opcodes.has(name), `${name} among ${[...opcodes].sort().join(' ')}`);
    }).timeout(120_000);
  });
}

/** Goes through all stops and compares samples with what the target says: of a sampler that saw all, and of one that is new at each. */
async function checkInstructions(target: Target): Promise<{ stops: number; problems: string[]; opcodes: Set<string> }> {
  using old = await LiveHandSampler.open(target.pid, true);
  const problems: string[] = [];
  const opcodes = new Set<string>();
  let stops = 0;
  for (let stop = target.ready as StopMessage; stop.stop !== null; stop = (await target.ask('go')) as StopMessage) {
    stops++;
    await allWait(target.pid);
    old.sampler.housekeeping(); // as a session does several times a second
    using fresh = await LiveHandSampler.open(target.pid, true);
    const truth = stop.threads.find(({ name }) => name === 'MainThread')!;
    for (const [, , , , [opcode]] of truth.stack) opcodes.add(opcode);
    for (const [who, hand] of [['the sampler that saw all', old], ['a new sampler', fresh]] as const) {
      const runs = hand.tick(3);
      const thread = hand.threads.findIndex(({ pythonThreadId }) => pythonThreadId === truth.ident);
      const stacks = new Set([...runs.stacks].filter((_, run) => runs.threads[run] === thread));
      assert.equal(stacks.size, 1, `samples of a thread that stands still differ at "${stop.stop}"`);
      for (const stack of stacks) {
        const is = hand.framesOf(stack).map(sampledText);
        const should = truth.stack.map(statedText);
        const at = should.findIndex((text, depth) => text !== is[depth]);
        if (at >= 0 || is.length !== should.length) problems.push(`At "${stop.stop}", ${who} differs from depth ${at}:\n  is     ${is[at]}\n  should ${should[at]}`);
      }
    }
  }
  return { stops, problems, opcodes };
}

/** [opcode, offset, …positions] */
type StatedInstruction = readonly [string, number, ...Positions];
type StatedFrame = readonly [name: string, file: string, line: number, firstLine: number, instruction: StatedInstruction];
type StopMessage = Json & { readonly stop: string | null; readonly threads: readonly { readonly ident: string; readonly name: string | null; readonly stack: readonly StatedFrame[] }[] };

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
  return execFileSync(interpreter.path, args, { encoding: 'utf8', env: { ...process.env, ...interpreter.environment }, maxBuffer: 1 << 29 });
}
