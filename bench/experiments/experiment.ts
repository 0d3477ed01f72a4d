import path from 'node:path';
import type { Interpreter } from '../../test/support/interpreters.ts';
import { startTarget, type Target } from '../../test/support/target.ts';
import { favour, placement } from '../placement.ts';
import type { Tool } from '../tools/tool.ts';

export interface ShareOptions {
  /** Names of sharePrograms.ts; null for all, or with `quick` a few. */
  readonly programs: readonly string[] | null;
  /** Names of tools; null for all. */
  readonly tools: readonly string[] | null;
  /** Looks a second. */
  readonly rates: readonly number[];
  /** How long each tool looks at each program. */
  readonly seconds: number;
  /** Whether two busy programs run beside. */
  readonly load: boolean;
}

export interface Setting {
  readonly interpreters: readonly Interpreter[];
  /** Heatline is the first. */
  readonly tools: readonly Tool[];
  readonly quick: boolean;
  /** What the experiment `shares` is to do. */
  readonly shares: ShareOptions;
  /** Tells how far it is. */
  readonly progress: (text: string) => void;
}

/** What an experiment found. */
export interface Findings {
  readonly title: string;
  /** How it was measured, and how to read it. */
  readonly method: string;
  /** Heading first. */
  readonly rows: readonly (readonly string[])[];
  /** The same as plain figures, one object per case and tool. */
  readonly figures: readonly Readonly<Record<string, string | number>>[];
}

/** Starts a program of targets/ on the target's core. */
export async function startBenchTarget(interpreter: Interpreter, script: string, args: readonly string[]): Promise<Target> {
  const target = await startTarget(interpreter, path.join(import.meta.dirname, '..', 'targets', script), {
    arguments: args,
    wrapper: placement.target,
  });
  favour(target.pid);
  return target;
}

/** A value, and in brackets how many times Heatline's it is. */
export function withRatio(text: string, value: number, heatline: number, tool: Tool, tools: readonly Tool[]): string {
  if (tool === tools[0] || !Number.isFinite(value) || !(heatline > 0)) return text;
  const ratio = value / heatline;
  return `${text} (${ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio >= 0.1 ? ratio.toFixed(2) : ratio.toPrecision(1)}×)`;
}
