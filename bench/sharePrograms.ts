import type { Interpreter } from '../test/support/interpreters.ts';

/** A program of test/integration/targets/ whose shares are known, or which is compared with stopped samples. */
export interface ShareProgram {
  readonly name: string;
  readonly script: 'shares.py' | 'ordinary.py';
  readonly args: readonly string[];
  readonly since: readonly [major: number, minor: number];
}

const always = [2, 7] as const;

/** By kind of shares.py: its sizes (µs a call), and the first Python that can run it. */
const kinds: readonly (readonly [kind: string, sizes: readonly (number | 'mixed')[], since?: readonly [number, number]])[] = [
  ['plain', [0, 1, 10, 100, 1000, 10_000, 'mixed']],
  ['methods', [0, 1, 'mixed']],
  ['properties', [0, 1, 'mixed']],
  ['callbacks', [0, 1, 'mixed']],
  ['generators', [0, 1, 10, 'mixed']],
  ['cgenerators', [0, 1, 10, 'mixed']],
  ['delegating', [0, 1, 'mixed'], [3, 3]],
  ['awaits', [0, 1, 10, 'mixed'], [3, 5]],
  ['pauses', [0, 1, 10, 'mixed'], [3, 5]],
  ['callsoon', [0, 10, 'mixed'], [3, 7]],
  ['tasks', [0, 10, 'mixed'], [3, 7]],
  ['queues', [0, 10, 'mixed'], [3, 7]],
  ['compiled', [10, 100, 'mixed']],
  ['handover', [10, 100, 'mixed']],
  ['threads', [1000, 'mixed']],
  ['lines', [0]],
];

const ordinary = ['tokens', 'contexts', 'properties', 'deepcopy', 'html', 'pipeline', 'template', 'encode', 'rows'];

export const sharePrograms: readonly ShareProgram[] = [
  ...kinds.flatMap(([kind, sizes, since = always]) =>
    sizes.map((size) => ({ name: `${kind}-${size}`, script: 'shares.py' as const, args: [kind, String(size)], since })),
  ),
  ...[...ordinary, 'queues', 'streams'].map((name) => ({
    name: `ordinary-${name}`,
    script: 'ordinary.py' as const,
    args: [name],
    since: ordinary.includes(name) ? always : ([3, 7] as const),
  })),
];

/** The ones for a short look. */
export const quickSharePrograms: readonly string[] = [
  'plain-0',
  'plain-1',
  'plain-mixed',
  'callbacks-1',
  'cgenerators-1',
  'pauses-1',
  'tasks-10',
  'queues-10',
  'handover-100',
  'threads-mixed',
  'lines-0',
  'ordinary-html',
  'ordinary-encode',
];

export function runsOn({ since: [major, minor] }: ShareProgram, interpreter: Interpreter): boolean {
  return interpreter.major > major || (interpreter.major === major && interpreter.minor >= minor);
}
