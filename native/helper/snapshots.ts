import type { LookKind } from '../engine.ts';
import type { LookResults } from '../look.ts';
import type { GreenletRecord, GreenletSnapshot } from '../tasks/greenletSnapshot.ts';
import type { CodePlace, LoopRecord, TaskRecord, TaskSnapshot } from '../tasks/taskSnapshot.ts';
import { asArray, asBoolean, asCount, asObject, asOneOf, asString, asStringOrNull, type Fields, MessageError } from './parse.ts';

/** A look's result on its way between processes; `kind` says which it is. */
export type Looked = { readonly [Kind in LookKind]: { readonly kind: Kind; readonly snapshot: LookResults[Kind] } }[LookKind];

/** As JSON. Places have a table of their own, since thousands of stacks share most of them. */
export function packLooked({ kind, snapshot }: Looked): object {
  const places = new PlaceTable();
  const pack = (record: TaskRecord | GreenletRecord): object => ({ ...record, stack: record.stack.map((place) => places.numberOf(place)) });
  const records = kind === 'tasks' ? { tasks: snapshot.tasks.map(pack) } : { greenlets: snapshot.greenlets.map(pack) };
  return { kind, snapshot: { ...snapshot, ...records, places: places.all } };
}

class PlaceTable {
  readonly all: (string | number)[][] = [];
  private readonly numbers = new Map<string, number>();

  numberOf({ function: name, file, line }: CodePlace): number {
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
  const kind = asOneOf(fields['kind'], ['tasks', 'greenlets'], 'a kind');
  const snapshot = asObject(fields['snapshot'], 'a snapshot');
  const places = asArray(snapshot['places'], 'places').map(parsePlace);
  return kind === 'tasks' ? { kind, snapshot: parseTasks(snapshot, places) } : { kind, snapshot: parseGreenlets(snapshot, places) };
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

function parseTasks(fields: Fields, places: readonly CodePlace[]): TaskSnapshot {
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

function parseGreenlets(fields: Fields, places: readonly CodePlace[]): GreenletSnapshot {
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
