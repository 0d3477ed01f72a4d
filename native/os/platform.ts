import type { Elevation } from './elevation.ts';
import type { Launching } from './launching.ts';
import type { Pipes } from './pipes.ts';
import type { System } from './system.ts';

/** All that differs between operating systems. `os/index.ts` chooses the one we run on; nobody else asks which that is. */
export interface Platform {
  /** Reads processes. Always the same one; loads the system's libraries. */
  openSystem(): System;
  readonly elevation: Elevation;
  readonly launching: Launching;
  readonly pipes: Pipes;
}
