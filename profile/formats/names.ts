import type { Profile } from '../profile.ts';

/** What files call a thread; with its process where there are several. */
export function threadName(profile: Profile, id: number): string {
  const thread = profile.threads[id]!;
  const name = ownThreadName(profile, id);
  return profile.processes.length === 1 ? name : `${processName(profile, thread.process)}: ${name}`;
}

/** Without its process. */
export function ownThreadName({ threads }: Profile, id: number): string {
  const { name, osThreadId } = threads[id]!;
  return name === '' ? `Thread ${osThreadId}` : name;
}

/** With its pid. */
export function processName({ processes }: Profile, id: number): string {
  const { name, pid } = processes[id]!;
  return `${name} (${pid})`;
}
