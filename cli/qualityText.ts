import type { NoStopsReason, Quality } from '../profile/delta.ts';

const reasons: Record<NoStopsReason, string> = {
  asked: 'as was asked',
  'own-child': 'because heatline started it itself',
  traced: 'because another process (a debugger?) traces it',
  elevated: 'because the helper that reads it has given up the rights that it takes',
  refused: 'because the system refused',
  unsupported: 'because that can’t be done on this system',
};

/** How good a profile is, in a few words and for people: what was not read, and how far its shares may be off. */
export function qualityText(quality: Quality): string {
  const { partial, lost, missed, stops, stoppedTime, elapsed } = quality;
  const read = `${partial} not read to their end, ${lost} lost, ${missed} missed`;
  const stopped = stops === 0 ? '' : `; stopped the program ${stops} ${stops === 1 ? 'time' : 'times'}, ${percent(stoppedTime / Math.max(1, elapsed))} of the time`;
  const shares = sharesText(quality);
  return `${read}${stopped}${shares === '' ? '' : `; ${shares}`}`;
}

/** Empty where it is not known how far they are off. */
function sharesText({ shareError, noStops, stops }: Quality): string {
  if (shareError === null) return '';
  if (noStops !== null) return `shares may be off by up to ${percent(shareError)}: nothing was stopped, ${reasons[noStops]}`;
  return stops > 0 ? `shares are within ${percent(shareError)}` : `shares may be off by up to ${percent(shareError)}`;
}

function percent(share: number): string {
  if (share > 0 && share < 0.001) return 'less than 0.1 %';
  return `${Number((100 * share).toFixed(share < 0.0995 ? 1 : 0))} %`;
}
