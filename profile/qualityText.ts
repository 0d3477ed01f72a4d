import type { NoStopsReason, Quality } from './delta.ts';
import { heldRate, whyMissed } from './heldRate.ts';
import type { Profile } from './profile.ts';
import { coarsePart } from './timeSteps.ts';

const reasons: Record<NoStopsReason, string> = {
  asked: 'as was asked',
  rate: 'because so many looks leave a program no time on its own core',
  cores: 'because heatline may not run on its cores',
  unsupported: 'because nothing else can be done on this system',
};

/**
 * How good a profile is, in a few words and for people: what was not read, and how far its shares may be off.
 * @param kept how much is known of it
 */
export function qualityText(
  quality: Quality,
  { coarseTimes = [], cutSamples = 0, startedAtEpoch = 0 }: Partial<Pick<Profile, 'coarseTimes' | 'cutSamples' | 'startedAtEpoch'>> = {},
): string {
  const { partial, lost, missed, stops, stoppedTime, elapsed } = quality;
  const read = `${partial} not read to their end, ${lost} lost, ${missed} missed${missedText(quality)}`;
  const stopped =
    stops === 0
      ? ''
      : `; looked ${stops} ${stops === 1 ? 'time' : 'times'} from its core, which took ${percent(stoppedTime / Math.max(1, elapsed))} of its time`;
  const shares = sharesText(quality);
  const coarse = coarsePart(coarseTimes);
  const times = coarse === null ? '' : `; there were more samples than are kept one by one: ${coarseText(coarse, startedAtEpoch)}`;
  const cut =
    cutSamples === 0
      ? ''
      : `; there were more kinds of stacks than are kept: of ${cutSamples} samples it is known which functions and lines they had, not who called whom`;
  const rate = heldRate(quality);
  const held = rate === null ? '' : `, and was held to ${Math.round(rate)} looks a second by that (--max-stop)`;
  return `${read}${stopped}${held}${shares === '' ? '' : `; ${shares}`}${nativeText(quality)}${times}${cut}`;
}

/** Empty where few were missed. */
function missedText(quality: Quality): string {
  const why = whyMissed(quality);
  if (why === null) return '';
  return why === 'busy' ? ' (other programs had the cores)' : ` (each takes ${Math.round(quality.samplerCpu / quality.ticks)} µs)`;
}

/** Empty where there are no native stacks. */
function nativeText({ native }: Quality): string {
  if (native === undefined) return '';
  const { stacks, whole, merged, stops, stopMedian, stopP99 } = native;
  const share = (count: number): string => (stacks === 0 ? '0 %' : percent(count / stacks));
  const stopped = stops === 0 ? '' : `; stopped ${stops} times, ${Math.round(stopMedian)} µs each (99 % within ${Math.round(stopP99)} µs)`;
  return `; native stacks: ${share(whole)} whole, ${share(merged)} merged${stopped}`;
}

function coarseText({ until, shortest, longest }: NonNullable<ReturnType<typeof coarsePart>>, startedAtEpoch: number): string {
  const first = `the first ${timeText(until)}`;
  const before = startedAtEpoch > 0 ? `before ${clockText(new Date(startedAtEpoch + until / 1000))} (${first})` : `in ${first}`;
  return `times ${before} are in steps of ${timeText(shortest)}${longest > shortest ? `, the oldest of ${timeText(longest)}` : ''}`;
}

/** @param time µs */
function timeText(time: number): string {
  const seconds = time / 1e6;
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 100) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(3))} h`;
}

/** Of the day and the minute where we are, as a session may go on for days. */
function clockText(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/** Empty where it is not known how far they are off. */
function sharesText({ shareError, noStops, stops }: Quality): string {
  if (shareError === null) return '';
  if (noStops !== null) return `shares may be off by up to ${percent(shareError)}: it was read as it ran, ${reasons[noStops]}`;
  return stops > 0 ? `shares are within ${percent(shareError)}` : `shares may be off by up to ${percent(shareError)}`;
}

function percent(share: number): string {
  if (share > 0 && share < 0.001) return 'less than 0.1 %';
  return `${Number((100 * share).toFixed(share < 0.0995 ? 1 : 0))} %`;
}
