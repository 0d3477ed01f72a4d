import type { Memory } from '../memory/memory.ts';
import { readMany } from '../memory/readMany.ts';
import { type AsyncioLayout, TaskState } from './asyncioLayout.ts';
import type { Layout } from './layout.ts';
import { type ObjectLayout, objectLayout } from './objectLayout.ts';
import { dictItem, dictItems, instanceAttribute, moduleNamespace, readInt } from './objects.ts';
import { type SetItems, setItems, weakSetItems } from './sets.ts';
import { pointerAt, readPointer, readString } from './strings.ts';
import type { Types } from './types.ts';

/** Bounds for what is walked: a program has at most some hundred thousand tasks, and a task seldom more than some waiters. */
export const taskLimits = { tasks: 1 << 18, loops: 1 << 10, awaiters: 1 << 16, name: 256, group: 1 << 16 };

/**
 * `PyThreadState.dict`, in which threads keep it to 3.12: offsetof() over the headers of 3.8.18, 3.9.18, 3.10.13, 3.11.7 and
 * 3.12.1, by minor version.
 */
const threadDicts: ReadonlyMap<number, number> = new Map([
  [8, 152],
  [9, 152],
  [10, 152],
  [11, 128],
  [12, 112],
]);
/**
 * `_PyThreadStateImpl.asyncio_running_loop`, the same over those of 3.13.0. Another one in free-threaded builds, of which loops
 * say it themselves.
 */
const runningLoopOf313 = 304;

/** What a task says of itself, in one copy. Addresses; 0 for none. */
export interface TaskFacts {
  readonly address: number;
  readonly loop: number;
  readonly name: string;
  readonly coroutine: number;
  /** The future, or task, it waits for. */
  readonly waiter: number;
  readonly isPending: boolean;
  /** The first done callback. */
  readonly callback: number;
  /** 3.14+: task, future or set of them. */
  readonly awaitedBy: number;
  readonly awaitedByIsSet: boolean;
}

/** Reads an interpreter's asyncio tasks. Nothing here is for every sample. */
export class AsyncioReader {
  private readonly memory: Memory;
  private readonly layout: Layout;
  private readonly asyncio: AsyncioLayout;
  private readonly types: Types;
  private readonly objects: ObjectLayout | null;
  /** Tasks that were found and could not be read, and lists that could not be followed to their end. */
  unreadable = 0;
  /** There was more of something than `taskLimits` has room for. */
  isCut = false;

  constructor(memory: Memory, layout: Layout, asyncio: AsyncioLayout, types: Types) {
    this.memory = memory;
    this.layout = layout;
    this.asyncio = asyncio;
    this.types = types;
    this.objects = objectLayout(layout);
  }

  /**
   * Addresses of all tasks of an interpreter that asyncio knows, those that are done among them.
   * @param threads addresses of the interpreter's thread states
   */
  list(interpreter: number, threads: readonly number[]): number[] {
    const found = new Set<number>();
    const { tables } = this.asyncio;
    if (tables !== null) {
      this.follow(interpreter + tables.interpreter.tasksHead, found);
      for (const thread of threads) this.follow(thread + tables.threadState.tasksHead, found);
    }
    const module = this.tasksModule(interpreter);
    if (module !== 0 && this.objects !== null) {
      const { memory, objects } = this;
      // To 3.11 one set; later one for tasks that are scheduled and one for those that run eagerly. From 3.14 on only tasks
      // that are not of C are here.
      for (const name of ['_all_tasks', '_scheduled_tasks']) {
        const set = this.item(module, name);
        if (set === 0) continue;
        this.add(weakSetItems(memory, set, taskLimits.tasks, objects), found);
      }
      const eager = this.item(module, '_eager_tasks');
      if (eager !== 0) this.add(setItems(memory, eager, taskLimits.tasks, objects), found);
    }
    return [...found];
  }

  /** Whether an interpreter has imported asyncio. */
  isImported(interpreter: number): boolean {
    return this.tasksModule(interpreter) !== 0;
  }

  /** Address of the namespace of asyncio.tasks; 0 when it isn't imported. */
  private tasksModule(interpreter: number): number {
    const { memory, layout, objects } = this;
    const modules = readPointer(memory, interpreter + layout.interpreter.modules);
    return modules === 0 || objects === null ? 0 : moduleNamespace(memory, modules, 'asyncio.tasks', objects);
  }

  private item(module: number, name: string): number {
    return this.objects === null ? 0 : dictItem(this.memory, module, name, this.objects);
  }

  private add(items: SetItems | null, found: Set<number>): void {
    if (items === null) {
      this.unreadable++;
      return;
    }
    if (items.isCut) this.isCut = true;
    for (const key of items.keys) {
      if (found.size < taskLimits.tasks) found.add(key);
      else this.isCut = true;
    }
  }

  /** Follows a `struct llist_node` (pycore_llist.h) of tasks. */
  private follow(head: number, found: Set<number>): void {
    const { node: offset } = this.asyncio.task;
    const links = Buffer.alloc(16);
    let node = readPointer(this.memory, head);
    let previous = head;
    // A thread state that has not got to asyncio yet has no list.
    while (node !== 0 && node !== head) {
      if (found.size === taskLimits.tasks) {
        this.isCut = true;
        return;
      }
      if (!this.memory.read(node, links, 0, 16) || pointerAt(links, 8) !== previous || found.has(node - offset)) {
        this.unreadable++; // it was changed while it was followed
        return;
      }
      found.add(node - offset);
      previous = node;
      node = pointerAt(links, 0);
    }
  }

  /** Address of the dict of running loops and their tasks (to 3.13), 0 when asyncio isn't imported. */
  currentTasks(interpreter: number): number {
    const module = this.tasksModule(interpreter);
    return module === 0 ? 0 : this.item(module, '_current_tasks');
  }

  /** Loops that run and their running tasks. @param threads as for `list` */
  running(
    interpreter: number,
    threads: readonly number[],
  ): { readonly loop: number; readonly task: number; /** Address of the thread state; 0: not known. */ readonly thread: number }[] {
    const { tables } = this.asyncio;
    if (tables !== null) {
      const { runningLoop, runningTask } = tables.threadState;
      return threads
        .map((thread) => ({
          thread,
          loop: readPointer(this.memory, thread + runningLoop),
          task: readPointer(this.memory, thread + runningTask),
        }))
        .filter(({ loop, task }) => loop !== 0 || task !== 0);
    }
    const current = this.currentTasks(interpreter);
    const items = current === 0 || this.objects === null ? null : dictItems(this.memory, current, taskLimits.loops, this.objects);
    const tasks = new Map((items ?? []).map(({ key, value }) => [key, value]));
    const running = threads.map((thread) => ({ thread, loop: this.runningLoop(thread) })).filter(({ loop }) => loop !== 0);
    const without = [...tasks.keys()].filter((loop) => !running.some((one) => one.loop === loop));
    return [
      ...running.map(({ thread, loop }) => ({ thread, loop, task: tasks.get(loop) ?? 0 })),
      ...without.map((loop) => ({ thread: 0, loop, task: tasks.get(loop)! })),
    ];
  }

  /** To 3.13: the loop that runs in a thread, of whatever type (get_running_loop, Modules/_asynciomodule.c); 0 when there is none. */
  private runningLoop(thread: number): number {
    const { memory, objects, types, layout } = this;
    if (layout.minor === 13 && layout.object.type === 8) return Math.max(0, readPointer(memory, thread + runningLoopOf313));
    const offset = threadDicts.get(layout.minor);
    const dict = offset === undefined ? 0 : readPointer(memory, thread + offset);
    if (objects === null || dict === 0 || types.nameOf(dict) !== 'dict') return 0;
    const value = dictItem(memory, dict, '__asyncio_running_event_loop__', objects);
    if (value === 0 || this.isNone(value)) return 0;
    // To 3.11 PyRunningLoopHolder: rl_loop, rl_pid.
    return types.nameOf(value) === '_RunningLoopHolder' ? readPointer(memory, value + objects.type + 8) : value;
  }

  /** Reads tasks; those that are none, or can't be read, are left out. */
  read(addresses: readonly number[]): TaskFacts[] {
    const { task } = this.asyncio;
    const length = Math.max(task.name, task.coroutine, task.awaitedBy, task.awaitedByIsSet) + 8;
    const copies = readMany(this.memory, addresses, length);
    const result: TaskFacts[] = [];
    for (const [i, address] of addresses.entries()) {
      const copy = copies[i] ?? null;
      const facts = copy === null ? null : this.types.isA(address, '_asyncio.Task') ? this.native(address, copy) : this.written(address);
      if (facts !== null) result.push(facts);
      else if (this.types.nameOf(address) === '') this.unreadable++; // else it was removed from its set
    }
    return result;
  }

  private native(address: number, copy: Buffer): TaskFacts {
    const { task } = this.asyncio;
    return {
      address,
      loop: pointerAt(copy, task.loop),
      name: this.nameOf(pointerAt(copy, task.name)),
      coroutine: pointerAt(copy, task.coroutine),
      waiter: pointerAt(copy, task.waiter),
      isPending: copy.readInt32LE(task.state) === TaskState.Pending,
      callback: pointerAt(copy, task.callback),
      awaitedBy: task.awaitedBy < 0 ? 0 : pointerAt(copy, task.awaitedBy),
      awaitedByIsSet: task.awaitedByIsSet >= 0 && copy[task.awaitedByIsSet] !== 0,
    };
  }

  /** A task of the class that is written in Python: where `_asyncio` is missing, or on request. */
  private written(address: number): TaskFacts | null {
    const { memory, objects } = this;
    if (objects === null) return null;
    const attribute = (name: string): number => instanceAttribute(memory, address, name, objects);
    const coroutine = attribute('_coro');
    const state = attribute('_state'); // the class has one that says pending
    if (coroutine === 0) return null;
    const waiter = attribute('_fut_waiter');
    const awaitedBy = attribute('_Future__asyncio_awaited_by');
    return {
      address,
      loop: attribute('_loop'),
      name: this.nameOf(attribute('_name')),
      coroutine,
      waiter: this.isNone(waiter) ? 0 : waiter,
      isPending: state === 0 || readString(memory, state, this.layout) === 'PENDING',
      callback: 0,
      awaitedBy: this.isNone(awaitedBy) ? 0 : awaitedBy,
      awaitedByIsSet: true,
    };
  }

  private isNone(object: number): boolean {
    return this.types.nameOf(object) === 'NoneType';
  }

  /** A task's name: a str, or the number of one that was never named. */
  nameOf(object: number): string {
    const { memory, layout, objects } = this;
    const type = this.types.nameOf(object);
    if (type === 'int') {
      const number = objects === null ? null : readInt(memory, object, objects);
      return number === null ? '' : `Task-${number}`;
    }
    return this.isString(object) ? (readString(memory, object, layout, taskLimits.name) ?? '') : '';
  }

  isString(object: number): boolean {
    return this.types.isA(object, 'str');
  }

  /** Tasks and futures that a task or future says it is awaited by (3.14+). */
  awaitersOf({ awaitedBy, awaitedByIsSet }: TaskFacts): readonly number[] {
    if (awaitedBy === 0) return [];
    if (!awaitedByIsSet) return [awaitedBy];
    const items = this.objects === null ? null : setItems(this.memory, awaitedBy, taskLimits.awaiters, this.objects);
    if (items?.isCut === true) this.isCut = true;
    return items?.keys ?? [];
  }

  /**
   * To 3.13: what a task waits for besides the future itself, when that is one of `asyncio.gather`: its children.
   */
  childrenOf(future: number): readonly number[] {
    const { memory, objects } = this;
    if (objects === null || this.types.nameOf(future) !== '_GatheringFuture') return [];
    const list = instanceAttribute(memory, future, '_children', objects);
    if (list === 0 || this.types.nameOf(list) !== 'list') return [];
    // PyListObject: ob_size, ob_item
    const header = Buffer.alloc(16);
    if (!memory.read(list + objects.type + 8, header, 0, 16)) return [];
    const count = pointerAt(header, 0);
    if (count > taskLimits.group) this.isCut = true;
    const bytes = Buffer.alloc(Math.min(count, taskLimits.group) * 8);
    if (!memory.read(pointerAt(header, 8), bytes, 0, bytes.length)) return [];
    return Array.from({ length: bytes.length / 8 }, (_, i) => pointerAt(bytes, 8 * i));
  }

  /** 3.11 to 3.13: the task whose `asyncio.TaskGroup` a task is in; 0 when it is in none. */
  groupParentOf({ callback }: TaskFacts): number {
    const { memory, objects } = this;
    // PyMethodObject: im_func, im_self; TaskGroup._on_task_done is the first callback.
    if (objects === null || this.types.nameOf(callback) !== 'method') return 0;
    const group = readPointer(memory, callback + objects.type + 16);
    return this.types.nameOf(group) === 'TaskGroup' ? instanceAttribute(memory, group, '_parent_task', objects) : 0;
  }

  /** What a loop is, and the thread it runs in by `threading.get_ident()` (decimal); null when it does not run. */
  loopFacts(loop: number): { readonly type: string; readonly pythonThreadId: string | null } {
    const { memory, objects } = this;
    const id = objects === null ? 0 : instanceAttribute(memory, loop, '_thread_id', objects);
    const isInt = id !== 0 && this.types.nameOf(id) === 'int';
    return { type: this.types.nameOf(loop), pythonThreadId: isInt ? readInt(memory, id, objects!) : null };
  }
}
