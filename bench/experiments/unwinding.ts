import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { openSystem } from '../../native/os/index.ts';
import { ThreadContext } from '../../native/os/threadContexts.ts';
import { Modules } from '../../native/unwind/modules.ts';
import { RuleTable } from '../../native/unwind/rules.ts';
import { StackCopy } from '../../native/unwind/stackCopy.ts';
import { Unwinder } from '../../native/unwind/unwinder.ts';
import { x64 } from '../../native/unwind/x64.ts';
import { findProgram } from '../../scripts/command.ts';
import { type Findings, type Setting, startBenchTarget } from './experiment.ts';

const script = path.join(import.meta.dirname, '../tools/gdbStacks.py');

/** What gdbStacks.py says of a stop. */
interface GdbStop {
  readonly registers: readonly string[];
  readonly frames: readonly (readonly [number, string])[];
}

/** gdb, which has a process. */
class Gdb {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly pid: number;

  constructor(program: string, pid: number) {
    this.pid = pid;
    this.child = spawn(program, ['-q', '-nx', '-batch', '-iex', 'set auto-load off', '-x', script], {
      env: { ...process.env, HEATLINE_PID: String(pid) },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  async next(): Promise<unknown> {
    for (;;) {
      const line = await this.lines.next();
      if (line.done === true) throw new Error('gdb ended.');
      if (line.value.startsWith('@')) return JSON.parse(line.value.slice(1));
    }
  }

  /** Lets the program go on, and stops it soon, wherever it is then. */
  async stop(): Promise<GdbStop> {
    this.child.stdin!.write('\n');
    await setTimeout(2 + 30 * Math.random());
    process.kill(this.pid, 'SIGUSR2');
    return (await this.next()) as GdbStop;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}

/** Whether the unwinder finds the same frames as gdb. */
export async function unwinding({ interpreters, quick, progress }: Setting): Promise<Findings> {
  const stops = quick ? 100 : 1000;
  const rows = [['Python', 'stacks', 'frames', 'all frames the same', 'ours go on where gdb ends', 'different', 'the first difference']];
  const figures: Record<string, string | number>[] = [];
  const program = findProgram('gdb');
  const system = await openSystem();
  for (const interpreter of program === null ? [] : interpreters) {
    await using target = await startBenchTarget(interpreter, 'natives.py', []);
    const memory = system.openMemory(target.pid);
    const contexts = system.openThreadContexts!(target.pid);
    const rules = new RuleTable(x64);
    const gdb = new Gdb(program!, target.pid);
    const counts = { frames: 0, same: 0, longer: 0, different: 0 };
    let example = '';
    try {
      await gdb.next();
      const regions = contexts.regions();
      const modules = new Modules(system, target.pid, memory, regions, rules);
      const unwinder = new Unwinder(modules, rules);
      const copy = new StackCopy();
      for (let i = 0; i < stops; i++) {
        progress(`unwinding: Python ${interpreter.version}, stack ${i} of ${stops}`);
        const stop = await gdb.stop();
        if (!copy.fill(contextOf(stop), x64, memory, regions)) throw new Error('A stack could not be copied.');
        unwinder.unwind(copy);
        const own = [...unwinder.addresses.subarray(0, unwinder.count)];
        const theirs = stop.frames.map(([address]) => address);
        counts.frames += theirs.length;
        const at = theirs.findIndex((address, frame) => address !== own[frame]);
        if (at < 0 && own.length === theirs.length) counts.same++;
        else if (at < 0) counts.longer++;
        else {
          counts.different++;
          const ours = own[at];
          if (example === '')
            example = `frame ${at} of ${theirs.length}: ${stop.frames[at]![1]} called by gdb, ${ours === undefined ? 'nothing' : (modules.at(ours)?.path ?? `0x${ours.toString(16)}`)} here; below ${stop.frames[at - 1]?.[1] ?? ''}`;
        }
      }
      modules.close();
    } finally {
      gdb.end();
      memory.close();
    }
    const share = `${counts.same} (${((100 * counts.same) / stops).toFixed(1)} %)`;
    rows.push([interpreter.version, String(stops), String(counts.frames), share, String(counts.longer), String(counts.different), example]);
    figures.push({ experiment: 'unwinding', python: interpreter.version, stacks: stops, ...counts, example });
  }
  return {
    title: 'Native stacks beside gdb’s',
    method:
      'A program that computes in C code of different kinds (zlib, hashlib, re, sort, json, sqlite and, where it is there, numpy) is stopped by gdb wherever it is. Its stack is copied and unwound from the registers ' +
      'that gdb says, and the frames’ addresses are compared one by one with gdb’s; what gdb makes up for inlined functions and tail calls has no frame and is left out. Nothing here without gdb.',
    rows,
    figures,
  };
}

function contextOf({ registers }: GdbStop): ThreadContext {
  const context = new ThreadContext();
  for (const [register, text] of registers.entries()) {
    const value = BigInt(text);
    context.set(register, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }
  return context;
}
