import {
  onlyParentsMayRead,
  prepareEngine,
  prepareSeparateEngine,
  type EngineListener,
  type EngineOptions,
  type WaitingEngine,
} from '../native/index.ts';

/** An engine for a program that is about to be started, and whom that has to allow to read it: see startProgram. */
export interface Prepared {
  readonly engine: WaitingEngine;
  readonly allow: number | undefined;
}

/**
 * Prepares an engine for a program that this process starts: where its threads are to be stopped for native frames, in a process of its own.
 * @throws RangeError for a rate or duration that makes no sense
 */
export function prepareForProgram(options: Omit<EngineOptions, 'pid' | 'launched'>, listener: EngineListener): Prepared {
  if (options.native === undefined) return { engine: prepareEngine(options, listener), allow: undefined };
  const engine = prepareSeparateEngine(process.argv[1]!, options, listener);
  return { engine, allow: onlyParentsMayRead() ? engine.pid : undefined };
}
