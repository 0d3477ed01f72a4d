import type { LookKind } from '../engine.ts';
import type { Part } from '../dump/processSnapshot.ts';
import type { LookResults } from '../look.ts';
import type { GreenletRecord, GreenletSnapshot } from '../tasks/greenletSnapshot.ts';
import type { CodePlace, LoopRecord, TaskRecord, TaskSnapshot } from '../tasks/taskSnapshot.ts';
import { parseDump } from './dumpMessage.ts';
import { decodeFailure } from './failures.ts';
import { asArray, asBoolean, asCount, asObject, asOneOf, asString, asStringOrNull, type Fields, MessageError } from './parse.ts';

/** A look's result on its way between processes; `kind` says which it is. */
export type Looked = { readonly [Kind in LookKind]: { readonly kind: Kind; readonly snapshot: LookResults[Kind] } }[LookKind];

/** As JSON. Places have tables of their own, since thousands of stacks share most of them. */
export function packLooked(looked: Looked): object {
  const { kind } = looked;
  switch (kind) {
    case 'tasks':
      return { kind, snapshot: packTasks(looked.snapshot) };
    case 'greenlets':
      return { kind, snapshot: packGreenlets(looked.snapshot) };
    case 'threads': {
      const { threads, tasks, greenlets } = looked.snapshot;
      return { kind, snapshot: { threads, tasks: packPart(tasks, packTasks), greenlets: packPart(greenlets, packGreenlets) } };
    }
  }
}

function packPart<Snapshot>(part: Part<Snapshot> | null, pack: (snapshot: Snapshot) => object): object | null {
  return part === null || 'failure' in part ? part : { snapshot: pack(part.snapshot) };
}

function packTasks(snapshot: TaskSnapshot): object {
  const places = new PlaceTable();
  const tasks = snapshot.tasks.map((task) => ({ ...task, stack: places.numbersOf(task.stack) }));
  return { ...snapshot, tasks, places: places.all };
}

function packGreenlets(snapshot: GreenletSnapshot): object {
  const places = new PlaceTable();
  const greenlets = snapshot.greenlets.map((greenlet) => ({ ...greenlet, stack: places.numbersOf(greenlet.stack) }));
  return { ...snapshot, greenlets, places: places.all };
}

class PlaceTable {
  readonly all: (string | number)[][] = [];
  private readonly numbers = new Map<string, number>();

  numbersOf(stack: readonly CodePlace[]): number[] {
    return stack.map((place) => this.numberOf(place));
  }

  private numberOf({ function: name, file, line }: CodePlace): number {
    const key = `${line} ${file}\0${name}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      this.numbers.set(key, (number = this.all.length));
      this.all.push([name, file, line]);
    }
    return number;
  }
}

/** Parses what packLooked made. Indices of loops, tasks, parents and places exist. @throws MessageError */
export function parseLooked(fields: Fields): Looked {
  const kind = asOneOf(fields['kind'], ['tasks', 'greenlets', 'threads'], 'a kind');
  const snapshot = asObject(fields['snapshot'], 'a snapshot');
  switch (kind) {
    case 'tasks':
      return { kind, snapshot: parseTasks(snapshot) };
    case 'greenlets':
      return { kind, snapshot: parseGreenlets(snapshot) };
    case 'threads': {
      const threads = parseDump(asObject(snapshot['threads'], 'threads'));
      const [tasks, greenlets] = [parsePart(snapshot['tasks'], parseTasks), parsePart(snapshot['greenlets'], parseGreenlets)];
      return { kind, snapshot: { threads, tasks, greenlets } };
    }
  }
}

function parsePart<Snapshot>(value: unknown, parse: (fields: Fields) => Snapshot): Part<Snapshot> | null {
  if (value === null) return null;
  const fields = asObject(value, 'a part');
  if (fields['failure'] !== undefined) return { failure: decodeFailure(asObject(fields['failure'], 'a failure')) };
  return { snapshot: parse(asObject(fields['snapshot'], 'a snapshot')) };
}

function parsePlaces(fields: Fields): CodePlace[] {
  return asArray(fields['places'], 'places').map(parsePlace);
}

function parsePlace(value: unknown): CodePlace {
  const [name, file, line] = asArray(value, 'a place');
  return { function: asString(name, 'a function'), file: asString(file, 'a file'), line: asCount(line, 'a line') };
}

function parseCommon(
  fields: Fields,
): Pick<TaskSnapshot, 'pid' | 'pythonVersion' | 'workingDirectory' | 'isImported' | 'unreadable' | 'isCut'> {
  return {
    pid: asCount(fields['pid'], 'a pid'),
    pythonVersion: asString(fields['pythonVersion'], 'a version'),
    workingDirectory: asStringOrNull(fields['workingDirectory'], 'a folder'),
    isImported: asBoolean(fields['isImported'], 'a mark'),
    unreadable: asCount(fields['unreadable'], 'a number'),
    isCut: asBoolean(fields['isCut'], 'a mark'),
  };
}

function parseTasks(fields: Fields): TaskSnapshot {
  const places = parsePlaces(fields);
  const loops = asArray(fields['loops'], 'loops').map(parseLoop);
  const tasks = asArray(fields['tasks'], 'tasks');
  return {
    ...parseCommon(fields),
    exact: asBoolean(fields['exact'], 'a mark'),
    loops,
    tasks: tasks.map((value): TaskRecord => {
      const task = asObject(value, 'a task');
      return {
        name: asString(task['name'], 'a name'),
        condition: asOneOf(task['condition'], ['running', 'waiting', 'ready'], 'a condition'),
        loop: asIndex(task['loop'], loops, 'loop'),
        stack: parseStack(task['stack'], places),
        awaits: asString(task['awaits'], 'a type'),
        awaitedBy: asArray(task['awaitedBy'], 'tasks').map((by) => asIndex(by, tasks, 'task')),
        moved: asBoolean(task['moved'], 'a mark'),
        complete: asBoolean(task['complete'], 'a mark'),
      };
    }),
  };
}

function parseLoop(value: unknown): LoopRecord {
  const fields = asObject(value, 'a loop');
  return {
    type: asString(fields['type'], 'a type'),
    interpreterId: asCount(fields['interpreterId'], 'an id'),
    threadId: fields['threadId'] === null ? null : asCount(fields['threadId'], 'an id'),
    threadName: asStringOrNull(fields['threadName'], 'a name'),
  };
}

function parseGreenlets(fields: Fields): GreenletSnapshot {
  const places = parsePlaces(fields);
  const greenlets = asArray(fields['greenlets'], 'greenlets');
  return {
    ...parseCommon(fields),
    greenlets: greenlets.map((value): GreenletRecord => {
      const greenlet = asObject(value, 'a greenlet');
      return {
        type: asString(greenlet['type'], 'a type'),
        id: asString(greenlet['id'], 'an id'),
        condition: asOneOf(greenlet['condition'], ['running', 'suspended'], 'a condition'),
        stack: parseStack(greenlet['stack'], places),
        parent: greenlet['parent'] === -1 ? -1 : asIndex(greenlet['parent'], greenlets, 'parent'),
        moved: asBoolean(greenlet['moved'], 'a mark'),
        complete: asBoolean(greenlet['complete'], 'a mark'),
      };
    }),
  };
}

function parseStack(value: unknown, places: readonly CodePlace[]): CodePlace[] {
  return asArray(value, 'a stack').map((number) => places[asIndex(number, places, 'place')]!);
}

function asIndex(value: unknown, list: readonly unknown[], what: string): number {
  const index = asCount(value, what);
  if (index >= list.length) throw new MessageError(`there is no ${what} ${index}`);
  return index;
}
