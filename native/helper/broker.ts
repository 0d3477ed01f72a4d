import type { EngineFailure } from '../engine.ts';
import { userIdsOf } from '../os/linux/access.ts';
import { closeGrant, type Grant, openGrant } from '../os/linux/grant.ts';
import { limitWaiting, receive, send } from '../os/linux/passFiles.ts';
import { readStat } from '../os/linux/procFiles.ts';
import { TargetError } from '../targetError.ts';
import { decodeFailure } from './frames.ts';
import { asCount, asObject, asStringOrNull, FrameError } from './parse.ts';

/** Seconds until a broker that does not answer counts as gone. */
const longestAnswer = 5;
/** Processes of one tree that are remembered at most. */
const maxKnown = 65_536;

/**
 * The part of a helper that stays root when a process tree is sampled: opens processes for the part that gave root
 * up, but only the target and what descends from it and is the same user's: who agreed to have their program sampled did not agree to `sudo` below it. Of a
 * program of root's, which often starts others' (servers that give up their rights), all. Reads four bytes, a pid, at a time, and of the system nothing but
 * /proc/PID/stat and status. Returns when the other part has ended.
 * @param target the helper's, by its start time
 */
export function serveGrants(socket: number, target: { readonly pid: number; readonly startTime: number }): void {
  const known = new Map([[target.pid, target.startTime]]);
  const [owner] = userIdsOf(target.pid) ?? [];
  for (;;) {
    const request = receive(socket);
    if (request === null) return;
    if (request.bytes.length !== 4 || request.files.length !== 0) return;
    const pid = request.bytes.readUInt32LE(0);
    let failure: EngineFailure;
    try {
      const startTimeOfPid = startTimeIfDescendant(pid, known);
      checkOwner(pid, owner);
      const grant = openGrant(pid, startTimeOfPid);
      try {
        checkOwner(pid, owner); // it may have become another user's before it was opened
      } catch (error) {
        closeGrant(grant);
        throw error;
      }
      const { startTime, executable, workingDirectory } = grant;
      const sent = send(socket, { bytes: Buffer.from(JSON.stringify({ startTime, executable, workingDirectory })), files: [grant.memory, grant.maps] });
      closeGrant(grant);
      if (sent) continue;
      failure = { code: 'no-such-process', pid };
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      failure = error.failure;
    }
    if (!send(socket, { bytes: Buffer.from(JSON.stringify({ failure })), files: [] })) return;
  }
}

/** @param owner whose processes may be opened; undefined: the target is gone. @throws TargetError */
function checkOwner(pid: number, owner: number | undefined): void {
  if (owner === 0) return;
  if (userIdsOf(pid)?.every((id) => id === owner) !== true) throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
}

/** @returns its start time. @throws TargetError when it is none */
function startTimeIfDescendant(pid: number, known: Map<number, number>): number {
  const start = readStat(pid)?.startTicks;
  if (start === undefined) throw new TargetError({ code: 'no-such-process', pid });
  // Parents have the lower start time, so a chain can't go on for ever; it may change while it is followed.
  for (let at = pid, steps = 0; at > 0 && steps < 1024; steps++) {
    const stat = readStat(at);
    if (stat === null) break;
    if (known.get(at) === stat.startTicks) {
      if (known.size < maxKnown) known.set(pid, start);
      return start;
    }
    at = stat.parentPid;
  }
  throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
}

/** Asks a broker, if there is one, for a process. Blocks. @throws TargetError when it is refused, or nobody answers */
export function requestGrant(socket: number | null, pid: number): Grant {
  if (socket === null) throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
  limitWaiting(socket, longestAnswer);
  const request = Buffer.alloc(4);
  request.writeUInt32LE(pid);
  const answer = send(socket, { bytes: request, files: [] }) ? receive(socket) : null;
  if (answer === null) throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'other-user' });
  try {
    const fields = asObject(JSON.parse(answer.bytes.toString('utf8')), 'an answer');
    if (fields['failure'] !== undefined) throw new TargetError(decodeFailure(asObject(fields['failure'], 'a failure')));
    const [memory, maps] = answer.files;
    if (memory === undefined || maps === undefined) throw new FrameError('no files came');
    return {
      pid,
      startTime: asCount(fields['startTime'], 'a time'),
      memory,
      maps,
      executable: asStringOrNull(fields['executable'], 'an executable'),
      workingDirectory: asStringOrNull(fields['workingDirectory'], 'a folder'),
    };
  } catch (error) {
    if (error instanceof TargetError) throw error;
    throw new TargetError({ code: 'internal', detail: `the part of the helper that is root said: ${error instanceof Error ? error.message : String(error)}` });
  }
}
