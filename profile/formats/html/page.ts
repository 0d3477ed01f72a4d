import { bounded, type ProfileBounds } from '../../bounded.ts';
import type { Profile } from '../../profile.ts';
import { ProfileFormatError } from '../../profileFormatError.ts';
import { firefoxText } from '../firefox.ts';
import type { PageParts } from './pageParts.ts';

/** How files show who wrote them. */
export const generator = '<meta name="generator" content="Heatline">';

/** Stand in the template for what is different in each file. */
export const profileMark = '"% profile %"';
export const setupMark = '"% setup %"';

/** Ids of the elements they stand in. */
export const profileId = 'heatline-profile';
export const setupId = 'heatline-setup';

/**
 * Up to here a file is some 20 MB, and opens in a second or two. Of 100 000 kinds of stacks of a profile the last ones have less than a
 * thousandth of a per cent of its time each.
 */
export const pageBounds: ProfileBounds = { stacks: 100_000, runs: 200_000, name: 1000 };

/** Characters of a file at most: names, threads and processes are not bounded otherwise. Browsers take longer ones for minutes. */
const MAX_LENGTH = 128 << 20;

/**
 * A profile as a page that shows it without anything else.
 * @throws ProfileFormatError for one that is too big for it
 */
export function* profilePage(
  profile: Profile,
  { template, setup }: PageParts,
  bounds: ProfileBounds = pageBounds,
): Generator<string, void> {
  const [beforeSetup, afterSetup] = parted(template, setupMark);
  const [between, end] = parted(afterSetup, profileMark);
  yield beforeSetup;
  yield inElement(JSON.stringify(setup));
  yield between;
  let length = 0;
  for (const piece of firefoxText(bounded(profile, bounds))) {
    length += piece.length;
    if (length > MAX_LENGTH)
      throw new ProfileFormatError(
        'It has too many threads, processes or names for a page in a browser. Another format takes it, as "firefox".',
      );
    yield inElement(piece);
  }
  yield end;
}

/** Text of JSON as it may be in a script element: nothing in it ends that, or begins a comment or another one. */
function inElement(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

function parted(text: string, mark: string): [before: string, after: string] {
  const [before, after, ...more] = text.split(mark);
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`The page has not one ${mark}.`);
  return [before, after];
}
