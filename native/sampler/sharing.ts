import type { NoStopsReason } from '../../profile/delta.ts';
import { defaultMaxStopped, type EngineOptions } from '../engine.ts';
import type { System } from '../os/system.ts';
import { SharedCore } from './sharedCore.ts';

/** Rates are per second; above this the loop spins. */
export const fastestSleeping = 10_000;
/** The same, above which looks are not made from the programs' cores: these would have little time left. */
const fastestSharing = 2000;

/** Why programs are not to be looked at from their own cores. */
export function whyNotShare(system: System, { rate, maxStopped, blocking }: EngineOptions): NoStopsReason | null {
  if (maxStopped === 0) return 'asked';
  if (blocking !== true && (rate === 'max' || rate > fastestSharing)) return 'rate';
  return system.openCorePlace === undefined ? 'unsupported' : null;
}

/** Null where looks can't be made from programs' cores. */
export function openCore(system: System, { rate, maxStopped, blocking, native }: EngineOptions): SharedCore | null {
  const place = system.openCorePlace?.();
  if (place === undefined) return null;
  const usual = native === undefined ? defaultMaxStopped.usual : defaultMaxStopped.native;
  const share = maxStopped ?? (blocking === true ? defaultMaxStopped.blocking : usual);
  return new SharedCore(place, share, 1e6 / (rate === 'max' ? fastestSleeping : rate), 0);
}
