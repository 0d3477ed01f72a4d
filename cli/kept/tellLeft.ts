import fs from 'node:fs';
import { isTerminal } from '../color.ts';
import { say } from '../say.ts';
import { printable } from '../taskText.ts';
import { claimLeft, type LeftRecording } from './leftRecordings.ts';

/** Recordings that are named one by one. */
const maxNamed = 3;

/** Says on standard error which recordings were left by processes that have ended, each one once. Never fails. */
export async function tellLeft(): Promise<void> {
  if (!isRead()) return;
  try {
    const found = await claimLeft();
    if (found.length > 0) say(leftText(found));
  } catch {
    // What was asked for is more important.
  }
}

/** @param found at least one */
export function leftText(found: readonly LeftRecording[]): string {
  const lines = found
    .slice(0, maxNamed)
    .map(
      (recording) =>
        `heatline: the recording of ${whatOf(recording)} broke off at ${recording.endedAt.toLocaleTimeString('en-GB')}, without its profile. What it had is in ${recording.path}`,
    );
  const more = found.length - maxNamed;
  if (more > 0) lines.push(`heatline: and so did ${more} more.`);
  return [...lines, 'heatline recover -o FILE makes a profile of it; heatline recover lists what is there.'].join('\n');
}

/** For instance "app.py (process 1234)". */
export function whatOf({ facts }: LeftRecording): string {
  return facts === null ? 'an unknown process' : `${printable(facts.name)} (process ${facts.pid})`;
}

/** Whether anybody reads standard error: /dev/null does not count, as what is said there is not said again. */
function isRead(): boolean {
  try {
    return isTerminal(2) || !fs.fstatSync(2).isCharacterDevice();
  } catch {
    return false;
  }
}
