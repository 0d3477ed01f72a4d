import type { Scope } from '../query.ts';

/** The scope with a thread more, or less if it was in it. Where no threads were chosen, that thread alone. */
export function toggleThread(scope: Scope, thread: number): Scope {
  if (scope.kind === 'all' || scope.kind === 'process') return { kind: 'thread', id: thread };
  const before = scope.kind === 'thread' ? [scope.id] : scope.ids;
  const after = before.includes(thread) ? before.filter((id) => id !== thread) : [...before, thread].sort((a, b) => a - b);
  if (after.length === 0) return { kind: 'all' };
  return after.length === 1 ? { kind: 'thread', id: after[0]! } : { kind: 'threads', ids: after };
}

/** Whether a thread was chosen, and not all of them, or all of its process. */
export function isChosen(scope: Scope, thread: number): boolean {
  return scope.kind === 'thread' ? scope.id === thread : scope.kind === 'threads' && scope.ids.includes(thread);
}

/** For `<option>`s. */
export function scopeValue(scope: Scope): string {
  if (scope.kind === 'all') return 'all';
  return `${scope.kind}:${scope.kind === 'threads' ? scope.ids.join() : scope.id}`;
}

export function scopeOf(value: string): Scope {
  const [kind, id] = value.split(':');
  if (kind === 'threads') return { kind, ids: id!.split(',').map(Number) };
  return kind === 'process' || kind === 'thread' ? { kind, id: Number(id) } : { kind: 'all' };
}
