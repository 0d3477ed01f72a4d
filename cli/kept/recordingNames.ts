import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { PART_EXTENSION, type RecordingFacts, startTimeOf } from '../../native/index.ts';
import { fileTime } from '../recordOptions.ts';

export const RECORDING_EXTENSION = '.recording';

/** ms for which a recording of another machine or container may be silent: one that is made is written to each second. */
const silence = 60_000;

/** A name of a recording that is made by this process. */
export async function liveName(): Promise<string> {
  const random = randomBytes(6).toString('hex');
  return `live-${process.pid}-${(await startTimeOf(process.pid)) ?? 0}-${place()}-${random}${RECORDING_EXTENSION}`;
}

/** Whether it is a recording's that is being made, or was; or of what one is written anew to. */
export function isLiveName(name: string): boolean {
  return liveParts(name) !== null;
}

/** Whether who made it is gone. @param changedAt ms since 1970 */
export async function isAbandoned(name: string, changedAt: number, now = Date.now()): Promise<boolean> {
  const parts = liveParts(name);
  if (parts === null) return false;
  // Numbers of processes mean nothing elsewhere: homes are shared by containers and machines.
  if (parts.place !== place()) return now - changedAt > silence;
  return (await startTimeOf(parts.pid)) !== parts.start;
}

/** What a recording is called when who made it is gone: what it is of, and when it ended. */
export function leftName(live: string, facts: RecordingFacts | null, endedAt: Date): string {
  const who =
    facts === null
      ? 'unknown'
      : `${path
          .basename(facts.name)
          .replace(/[^\w.-]+/g, '_')
          .slice(0, 60)}-${facts.pid}`;
  // Never one of our own, whatever the program is called.
  return `of-${who}-${fileTime(endedAt)}-${liveParts(live)?.random ?? ''}${RECORDING_EXTENSION}`;
}

function liveParts(name: string): { pid: number; start: number; place: string; random: string } | null {
  const plain = name.endsWith(PART_EXTENSION) ? name.slice(0, -PART_EXTENSION.length) : name;
  const [, pid, start, where, random] = /^live-(\d{1,10})-(\d{1,20})-(\w{1,16})-(\w{1,16})\.recording$/.exec(plain) ?? [];
  return random === undefined ? null : { pid: Number(pid), start: Number(start), place: where!, random };
}

/** Where numbers of processes mean the same: a start of the system, and a namespace of processes. */
function place(): string {
  const facts = [() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), () => fs.readlinkSync('/proc/self/ns/pid')];
  const text = facts.map((fact) => {
    try {
      return fact();
    } catch {
      return '';
    }
  });
  return createHash('sha256').update(text.join('\n')).digest('hex').slice(0, 12);
}
