import { readFileSync } from 'node:fs';
import type { Interpreter } from './interpreters.ts';
import { startTarget, type Target, type TargetOptions } from './target.ts';

/** Starts a target as a child of a shell: children of our own process can't be stopped for samples. The Target's pid is the shell's. */
export function startGrandchild(interpreter: Interpreter, script: string, options: TargetOptions): Promise<Target> {
  return startTarget(interpreter, script, { ...options, wrapper: ['sh', '-c', '"$@" <&0 & wait', 'sh'] });
}

/** The pid of the program that the shell started. */
export function pidOf(shell: Target): number {
  return Number(readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8'));
}
