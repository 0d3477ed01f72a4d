import type { Quality } from './delta.ts';

/** µs after which a rate says something. */
const shortest = 500_000;
/** Below this part of what was asked for it is worth a word. */
const clearly = 0.9;

/**
 * Looks a second that were made, where that is clearly less than was asked for because looks may take only so much of a program's time
 * (EngineOptions.maxStopped); null: as many as were asked for, or the sampler was late, which `missed` says.
 */
export function heldRate({
  ticks,
  missed,
  elapsed,
  requestedRate,
  stops,
}: Pick<Quality, 'ticks' | 'missed' | 'elapsed' | 'requestedRate' | 'stops'>): number | null {
  if (stops === 0 || requestedRate === 0 || elapsed < shortest) return null;
  return ((ticks + missed) / elapsed) * 1e6 < clearly * requestedRate ? (ticks / elapsed) * 1e6 : null;
}

/** Below this part of its time a sampler that comes late is not busy itself. */
const busy = 0.5;

/**
 * Why many looks were missed: because each takes so long that there is no time for more, or because the sampler got no core when they were
 * due; null: there were not many.
 */
export function whyMissed({
  ticks,
  missed,
  elapsed,
  samplerCpu,
}: Pick<Quality, 'ticks' | 'missed' | 'elapsed' | 'samplerCpu'>): 'long' | 'busy' | null {
  if (ticks === 0 || elapsed < shortest || ticks >= clearly * (ticks + missed)) return null;
  return (samplerCpu / ticks) * (ticks + missed) >= busy * elapsed ? 'long' : 'busy';
}
