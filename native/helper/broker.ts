import type { EngineFailure } from '../engine.ts';
import type { RequestedGrant } from '../os/elevation.ts';
import { platform } from '../os/index.ts';
import { type Execution, isCopy } from '../os/system.ts';
import { TargetError } from '../targetError.ts';
import { decodeFailure } from './failures.ts';
import { asCount, asObject, asStringOrNull, MessageError } from './parse.ts';

/** Seconds after which a broker that does not answer counts as gone. */
const longestAnswer = 5;
/** How many processes of one tree are remembered at most. */
const maxKnown = 65_536;

/** A process that was opened: while it lives its descendants may be, and copies of what it executed then also later. */
interface Known {
  /** In the system's own units. */
  readonly startTime: number;
  readonly execution: Execution | null;
}

/**
/**
 * The part of a helper that stays root while a process tree is sampled. It opens processes for the part that gave root up, but
 * only the target and those of its descendants that run as the same user: agreeing to have a program sampled is not agreeing to
 * the `sudo` below it. One that lost its parent (a daemon) counts as a descendant as long as it is a copy of one. If the target is
 * root's own, all its descendants may be opened, since servers often start processes that give up their rights. It reads four
 * bytes (a pid) at a time, and asks the system only where a process came from, whose it is and what it executes. Returns when the
 * other part has ended.
 * @param target the process the helper was started for, identified by its start time
 */
export function serveGrants(socket: number, target: { readonly pid: number; readonly startTime: number }): void {
  const { grants, parcels } = platform().elevation;
  const known = new Map<number, Known>([[target.pid, { startTime: target.startTime, execution: grants.execution(target.pid) }]]);
  const [owner] = grants.userIds(target.pid) ?? [];
  for (;;) {
    const request = parcels.receive(socket);
    if (request === null) return;
    if (request.bytes.length !== 4 || request.files.length !== 0) return;
    const pid = request.bytes.readUInt32LE(0);
    let failure: EngineFailure;
    try {
      const { startTime, origin } = findDescendant(pid, known);
      checkOwner(pid, owner);
      const grant = grants.open(pid, startTime);
      try {
        checkOwner(pid, owner); // it may have changed its user before it was opened
      } catch (error) {
        grants.close(grant);
        throw error;
      }
      const { handles, executable, workingDirectory } = grant;
      const sent = parcels.send(socket, {
        bytes: Buffer.from(JSON.stringify({ startTime, executable, workingDirectory, origin })),
        files: handles,
      });
      grants.close(grant);
      if (known.size < maxKnown) known.set(pid, { startTime, execution: grants.execution(pid) });
      if (sent) continue;
      failure = { code: 'no-such-process', pid };
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      failure = error.failure;
    }
    if (!parcels.send(socket, { bytes: Buffer.from(JSON.stringify({ failure })), files: [] })) return;
  }
}

/** @param owner whose processes may be opened; undefined: the target is gone. @throws TargetError */
function checkOwner(pid: number, owner: number | undefined): void {
  if (owner === 0) return;
  if (
    platform()
      .elevation.grants.userIds(pid)
      ?.every((id) => id === owner) !== true
  )
    throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
}

/** @returns its start time, and the known process it stems from. @throws TargetError when it is none */
function findDescendant(pid: number, known: ReadonlyMap<number, Known>): { readonly startTime: number; readonly origin: number } {
  const { grants } = platform().elevation;
  const startTime = grants.origin(pid)?.startTime;
  if (startTime === undefined) throw new TargetError({ code: 'no-such-process', pid });
  // The chain may change while we follow it, so its length is bounded.
  for (let at = pid, steps = 0; at > 0 && steps < 1024; steps++) {
    const one = grants.origin(at);
    if (one === null) break;
    if (known.get(at)?.startTime === one.startTime) return { startTime, origin: at };
    at = one.parentPid;
  }
  // What was left by its parent is known by where its stack begins, which only copies share.
  const execution = grants.execution(pid);
  if (execution?.startTime === startTime && execution.stackIsDrawn)
    for (const [origin, one] of known) if (one.execution !== null && isCopy(one.execution, execution)) return { startTime, origin };
  throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
}

/** Asks the broker, if there is one, to open a process. Blocks. @throws TargetError when it refuses or does not answer */
export function requestGrant(socket: number | null, pid: number): RequestedGrant {
  if (socket === null) throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
  const { grants, parcels } = platform().elevation;
  parcels.limitWaiting(socket, longestAnswer);
  const request = Buffer.alloc(4);
  request.writeUInt32LE(pid);
  const answer = parcels.send(socket, { bytes: request, files: [] }) ? parcels.receive(socket) : null;
  if (answer === null) throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
  try {
    const fields = asObject(JSON.parse(answer.bytes.toString('utf8')), 'an answer');
    if (fields['failure'] !== undefined) throw new TargetError(decodeFailure(asObject(fields['failure'], 'a failure')));
    if (answer.files.length !== grants.handleCount) throw new MessageError('no files came');
    return {
      pid,
      startTime: asCount(fields['startTime'], 'a time'),
      handles: answer.files,
      executable: asStringOrNull(fields['executable'], 'an executable'),
      workingDirectory: asStringOrNull(fields['workingDirectory'], 'a folder'),
      origin: asCount(fields['origin'], 'a pid'),
    };
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new TargetError({
      code: 'internal',
      detail: `the part of the helper that is root said: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
