import { CoroutineReader } from '../cpython/coroutines.ts';
import { walkTrackedObjects } from '../cpython/gcObjects.ts';
import { GreenletReader } from '../cpython/greenlets.ts';
import type { LookObstacle } from '../engine.ts';
import { objectLayout } from '../cpython/objectLayout.ts';
import { dictItem, moduleNamespace } from '../cpython/objects.ts';
import { readPointer } from '../cpython/strings.ts';
import { Types } from '../cpython/types.ts';
import { type OpenTarget, openTarget } from '../openTarget.ts';
import type { ProcessSource } from '../os/system.ts';
import { listInterpreters } from '../sampler/threads/interpreters.ts';
import { TargetError } from '../targetError.ts';
import type { GreenletRecord, GreenletSnapshot } from './greenletSnapshot.ts';

/** A program with more of them has others to look for. */
const maxGreenlets = 1 << 17;
const greenletType = 'greenlet.greenlet';

/**
 * Looks once at all greenlets of a process, gevent's among them: at all objects the garbage collector tracks, for nothing else leads to
 * those that are suspended.
 * @throws TargetError when there is no such process, no right to read it, no Python, or one whose greenlets can't be found
 */
export function readGreenlets(system: ProcessSource, pid: number): GreenletSnapshot {
  const target = openTarget(system, pid, 'wanted');
  try {
    return greenletsOf(system, target);
  } finally {
    target.close();
  }
}

/** The same of a process that is open. @throws TargetError */
export function greenletsOf(system: ProcessSource, target: OpenTarget): GreenletSnapshot {
  const { pid, memory, layout, pythonVersion } = target;
  const refuse = (reason: LookObstacle): TargetError =>
    new TargetError({ code: 'not-visible', pid, version: pythonVersion, what: 'greenlets', reason });
  if (layout.major === 2 || layout.minor < 8) throw refuse('version');
  if (layout.object.type !== 8) throw refuse('free-threaded'); // no list of objects to find them in
  const objects = objectLayout(layout);
  const interpreters = listInterpreters(target)?.interpreters;
  if (interpreters === undefined || objects === null) throw new TargetError({ code: 'unreadable', pid, detail: 'the list of its threads' });
  const types = new Types(memory, layout);
  const found: number[] = [];
  let unreadable = 0;
  let isImported = false;
  let isCut = false;
  for (const { address } of interpreters) {
    const modules = readPointer(memory, address + layout.interpreter.modules);
    const module = modules === 0 ? 0 : moduleNamespace(memory, modules, 'greenlet', objects);
    if (module === 0 || dictItem(memory, module, 'greenlet', objects) === 0) continue;
    isImported = true;
    const collecting = layout.interpreter.gcCollecting >= 0 ? address + layout.interpreter.gcCollecting : target.collectingAddress;
    const isGreenlet = new Map<number, boolean>();
    const visit = (object: number, type: number): void => {
      let answer = isGreenlet.get(type);
      if (answer === undefined) isGreenlet.set(type, (answer = types.inherits(type, greenletType)));
      if (!answer) return;
      if (found.length < maxGreenlets) found.push(object);
      else isCut = true;
    };
    unreadable += walkTrackedObjects(memory, layout, collecting, visit).broken;
  }
  const reader = new GreenletReader(memory, layout, types, new CoroutineReader(memory, layout, target.opcodes, types));
  const workingDirectory = system.processFacts(pid)?.workingDirectory ?? null;
  return { pid, pythonVersion, workingDirectory, isImported, unreadable, isCut, greenlets: recordsOf(reader, [...new Set(found)]) };
}

function recordsOf(reader: GreenletReader, addresses: readonly number[]): GreenletRecord[] {
  const facts = reader.read(addresses);
  const indices = new Map(facts.map(({ address }, i) => [address, i]));
  return facts.map((one) => ({
    type: one.type.slice(one.type.lastIndexOf('.') + 1),
    id: `0x${one.address.toString(16)}`,
    condition: one.condition,
    stack: one.stack,
    parent: indices.get(one.parent) ?? -1,
    moved: !reader.isStill(one),
    complete: one.complete,
  }));
}
