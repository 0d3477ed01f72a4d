import { AsyncioReader, type TaskFacts } from '../cpython/asyncio.ts';
import { findAsyncio } from '../cpython/asyncioLayout.ts';
import { type CoroutineChain, CoroutineReader } from '../cpython/coroutines.ts';
import { ThreadNames } from '../cpython/threadNames.ts';
import { Types } from '../cpython/types.ts';
import { type OpenTarget, openTarget } from '../openTarget.ts';
import type { ProcessSource } from '../os/system.ts';
import { listInterpreters } from '../sampler/threads/interpreters.ts';
import { TargetError } from '../targetError.ts';
import { type RunningStack, runningStacks } from './runningStacks.ts';
import type { LoopRecord, TaskRecord, TaskSnapshot } from './taskSnapshot.ts';

/**
 * Looks once at all asyncio tasks of a process. It runs on meanwhile: each task is read, and then looked at again, and marked when
 * it moved. Takes about 30 µs a task.
 * @throws TargetError when there is no such process, no right to read it, no Python, or one whose tasks can't be read
 */
export function readTasks(system: ProcessSource, pid: number): TaskSnapshot {
  const target = openTarget(system, pid, 'wanted');
  try {
    return tasksOf(system, target);
  } finally {
    target.close();
  }
}

/** The same of a process that is open. @throws TargetError */
export function tasksOf(system: ProcessSource, target: OpenTarget): TaskSnapshot {
  const { pid } = target;
  const found = findAsyncio(system, target.memory, pid, target.layout);
  if ('problem' in found)
    throw new TargetError({ code: 'not-visible', pid, version: target.pythonVersion, what: 'tasks', reason: found.problem });
  const workingDirectory = system.processFacts(pid)?.workingDirectory ?? null;
  const empty: TaskSnapshot = {
    pid,
    pythonVersion: target.pythonVersion,
    workingDirectory,
    isImported: false,
    exact: target.layout.minor >= 14,
    loops: [],
    tasks: [],
    unreadable: 0,
    isCut: false,
  };
  if (found.layout === null) return empty;
  const types = new Types(target.memory, target.layout);
  const asyncio = new AsyncioReader(target.memory, target.layout, found.layout, types);
  const builder = new SnapshotBuilder(target, asyncio, types, runningStacks(system, target));
  const interpreters = listInterpreters(target)?.interpreters;
  if (interpreters === undefined) throw new TargetError({ code: 'unreadable', pid, detail: 'the list of its threads' });
  for (const interpreter of interpreters) builder.add(interpreter, interpreters);
  const isImported = builder.tasks.length > 0 || interpreters.some(({ address }) => asyncio.isImported(address));
  return { ...empty, isImported, loops: builder.loops, tasks: builder.tasks, unreadable: asyncio.unreadable, isCut: asyncio.isCut };
}

interface InterpreterFacts {
  readonly address: number;
  readonly id: number;
  readonly threads: readonly { readonly address: number; readonly osThreadId: number; readonly pythonThreadId: string }[];
}

class SnapshotBuilder {
  readonly loops: LoopRecord[] = [];
  readonly tasks: TaskRecord[] = [];
  private readonly target: OpenTarget;
  private readonly asyncio: AsyncioReader;
  private readonly types: Types;
  private readonly coroutines: CoroutineReader;
  private readonly runs: readonly RunningStack[];

  /** @param runs what running tasks executed a moment ago */
  constructor(target: OpenTarget, asyncio: AsyncioReader, types: Types, runs: readonly RunningStack[]) {
    this.runs = runs;
    this.target = target;
    this.asyncio = asyncio;
    this.types = types;
    this.coroutines = new CoroutineReader(target.memory, target.layout, target.opcodes, types);
  }

  /** Adds the tasks of an interpreter. @param all of the process */
  add(interpreter: InterpreterFacts, all: readonly InterpreterFacts[]): void {
    const { asyncio, coroutines } = this;
    const states = interpreter.threads.map(({ address }) => address);
    const addresses = asyncio.list(interpreter.address, states);
    const facts = asyncio.read(addresses).filter(({ isPending }) => isPending);
    const chains = facts.map(({ coroutine }) => coroutines.chain(coroutine));
    const awaiters = this.awaiters(facts);
    const running = asyncio.running(interpreter.address, states);
    // Once more, to see what moved meanwhile.
    const again = new Map(asyncio.read(facts.map(({ address }) => address)).map((one) => [one.address, one]));
    const first = this.tasks.length;
    const indices = new Map(facts.map(({ address }, i) => [address, first + i]));
    const loopOf = this.loopFinder(interpreter, all, running);
    for (const [i, task] of facts.entries()) {
      const chain = chains[i]!;
      const isRunning = running.some((one) => one.task === task.address);
      const now = again.get(task.address);
      const run = isRunning ? this.runs.find((one) => one.task === task.name) : undefined;
      const moved = !isRunning && !(now !== undefined && isSame(task, now) && chain.marks.every((mark) => coroutines.isStill(mark)));
      this.tasks.push({
        name: task.name,
        condition: isRunning ? 'running' : task.waiter !== 0 ? 'waiting' : 'ready',
        loop: loopOf(task.loop),
        stack: run?.places ?? chain.places,
        awaits: this.awaitsOf(task, chain),
        awaitedBy: [...new Set((awaiters.get(task.address) ?? []).flatMap((address) => indices.get(address) ?? []))],
        moved,
        complete: run !== undefined || (chain.isComplete && !chain.isRunning),
      });
    }
  }

  private awaitsOf(task: TaskFacts, chain: CoroutineChain): string {
    const { types } = this;
    const type = types.nameOf(chain.awaited);
    const object = type === '_asyncio.FutureIter' || type === '' ? task.waiter : chain.awaited;
    const name = types.nameOf(object);
    return name.slice(name.lastIndexOf('.') + 1);
  }

  /** Who awaits each task, by address. */
  private awaiters(facts: readonly TaskFacts[]): Map<number, number[]> {
    const { asyncio, target } = this;
    const result = new Map<number, number[]>();
    const add = (task: number, by: number): void => {
      const known = result.get(task);
      if (known === undefined) result.set(task, [by]);
      else known.push(by);
    };
    for (const task of facts) {
      if (target.layout.minor >= 14) {
        for (const by of asyncio.awaitersOf(task)) add(task.address, by);
        continue;
      }
      if (task.waiter !== 0) {
        add(task.waiter, task.address);
        for (const child of asyncio.childrenOf(task.waiter)) add(child, task.address);
      }
      const parent = asyncio.groupParentOf(task);
      if (parent !== 0) add(task.address, parent);
    }
    return result;
  }

  private loopFinder(
    own: InterpreterFacts,
    all: readonly InterpreterFacts[],
    running: readonly { readonly loop: number; readonly thread: number }[],
  ): (loop: number) => number {
    const { target, asyncio, loops } = this;
    // To 3.12, another interpreter's thread state has the ids of the thread that made it: the main one's says whose it is.
    const candidates = [own, ...all.filter((other) => other !== own)];
    let names: ThreadNames | undefined;
    const nameOf = (pythonThreadId: string): string | null => {
      names ??= new ThreadNames(target.memory, candidates, target.layout);
      return names.of(own.id, pythonThreadId) ?? null;
    };
    const known = new Map<number, number>();
    return (loop) => {
      let index = known.get(loop);
      if (index === undefined) {
        const { type, pythonThreadId } = asyncio.loopFacts(loop);
        const state = running.find((one) => one.loop === loop)?.thread;
        const owner = candidates.find(({ threads }) => threads.some((one) => one.pythonThreadId === pythonThreadId));
        // What the loop says itself, if it is one of asyncio's, holds before what the thread state has.
        const thread =
          owner?.threads.find((one) => one.pythonThreadId === pythonThreadId) ?? own.threads.find((one) => one.address === state);
        const threadName = thread === undefined ? null : nameOf(thread.pythonThreadId);
        index = loops.length;
        loops.push({ type, interpreterId: own.id, threadId: thread?.osThreadId ?? null, threadName });
        known.set(loop, index);
      }
      return index;
    };
  }
}

function isSame(a: TaskFacts, b: TaskFacts): boolean {
  return (
    a.waiter === b.waiter &&
    a.coroutine === b.coroutine &&
    a.loop === b.loop &&
    a.name === b.name &&
    a.awaitedBy === b.awaitedBy &&
    a.isPending === b.isPending
  );
}
