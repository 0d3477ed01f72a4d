import type { Profile } from '../profile/profile.ts';
import { qualityText } from '../profile/qualityText.ts';

/** How much was recorded, and how well. */
export function summary(profile: Profile): string {
  const { samples, ticks, elapsed, samplerCpu } = profile.quality;
  const seconds = elapsed / 1e6;
  const cpu = ticks > 0 ? (samplerCpu / ticks).toFixed(1) : '0';
  return (
    `${samples} samples of ${profile.threads.length} threads in ${seconds.toFixed(1)} s ` +
    `(${Math.round(ticks / Math.max(seconds, 1e-9))} ticks/s, ${cpu} µs CPU each; ${qualityText(profile.quality, profile)})`
  );
}
