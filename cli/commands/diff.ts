import { type DiffOptions, diffProfiles, significanceLevel } from '../../profile/diff/profileDiff.ts';
import type { Profile } from '../../profile/profile.ts';
import { commandOf } from '../command.ts';
import { diffText, type DiffTextOptions } from '../diffText.ts';
import { readProfile, whyUnread } from '../readProfile.ts';
import { print, say } from '../say.ts';
import { integer, parsePercent, UsageError } from '../values.ts';

interface DiffCommand extends DiffOptions, Omit<DiffTextOptions, 'above'> {
  readonly name: 'diff';
  readonly before: string;
  readonly after: string;
  readonly by: 'share' | 'seconds';
  readonly lines: boolean;
  readonly json: boolean;
}

/** What `--fail-above` makes the exit code where something became slower. */
const slowerCode = 3;

export const diffCommand = commandOf<DiffCommand>({
  name: 'diff',
  summary: 'compare two saved profiles: what became slower, and what faster',
  description:
    'Compares self and total time of functions (or lines) of two profiles in any format that Heatline reads. Shares are compared, of the time ' +
    'of all threads that ran or were ready, so that profiles may have any length; with --seconds, times are, for programs that did the same ' +
    'work (raw has no times: there a sample is a millisecond). Functions are the same if their names and files are; where folders differ, the ends of the files’ names decide; lines, if they are as ' +
    'far from their function’s first line. What has no counterpart is listed apart.\n\n' +
    `A change is shown if chance – which instants were looked at – would make any of all look so with less than ${significanceLevel * 100} % ` +
    '(exact test of two Poisson rates on the numbers of samples, Holm’s correction for all that is tested). How much a program differs from run ' +
    'to run is not in a profile.\n\n' +
    `--fail-above 10% makes the exit code ${slowerCode} if self or total time of any function that is in both, or with --seconds that of the whole ` +
    'program, is more than 1.1 times what it was, and that could not be chance in the sense above; 0 if not. What is new has no time before to be ' +
    'compared with: its callers have.',
  usage: ['BEFORE AFTER [options]'],
  examples: [
    ['heatline diff before.heatline.json.gz after.heatline.json.gz', 'what became slower and faster, in shares'],
    ['heatline diff a.json.gz b.json.gz --seconds --fail-above 10%', `in CI, for the same work: exit code ${slowerCode} if slower`],
    ['heatline diff a.json.gz b.json.gz --lines --json', 'lines, for programs'],
  ],
  configure: (command) =>
    command
      .option('--seconds', 'compare seconds, not shares of the time')
      .option('-l, --lines', 'lines, not functions')
      .option('-i, --idle', 'count threads that wait, too')
      .option('-g, --gil', 'count only threads that hold the GIL')
      .option('-n, --limit <number>', 'how many in each list (default: 20)')
      .option('-a, --all', 'also changes that may be chance, marked with ?')
      .option('--fail-above <percent>', `exit code ${slowerCode} if something became slower by more than that`)
      .option('-j, --json', 'for programs to read: all, whatever --limit and --all'),
  parse: (given) => {
    const [before, after, ...others] = [...given.operands, ...(given.behind ?? [])];
    if (before === undefined || after === undefined) throw new UsageError('diff needs two files: BEFORE and AFTER');
    if (others[0] !== undefined) throw new UsageError(`unexpected argument '${others[0]}'`);
    const above = given.value('failAbove', (text) => parsePercent(text.replace(/ ?%$/, ''), 1e6));
    return {
      name: 'diff',
      before,
      after,
      by: given.flag('seconds') ? 'seconds' : 'share',
      lines: given.flag('lines'),
      idle: given.flag('idle'),
      gil: given.flag('gil'),
      limit: given.value('limit', (text) => integer(text, 100_000, 'a number from 1 to 100000')) ?? 20,
      all: given.flag('all'),
      ...(above === undefined ? {} : { above: above / 100 }),
      json: given.flag('json'),
    };
  },
  tellsLeft: () => 'after',
  execute: diff,
});

async function diff(command: DiffCommand): Promise<number> {
  const profiles: Profile[] = [];
  for (const file of [command.before, command.after]) {
    try {
      profiles.push(await readProfile(file));
    } catch (error) {
      return say(`heatline: can't read ${file}: ${whyUnread(error)}`, 1);
    }
  }
  const made = diffProfiles(profiles[0]!, profiles[1]!, command);
  for (const [file, { samples }] of [[command.before, made.before] as const, [command.after, made.after] as const])
    if (samples === 0)
      return say(
        `heatline: ${file} has no sample that counts${command.idle === true ? '.' : '. With --idle, threads that wait count, too.'}`,
        1,
      );
  const { by, before, after, above, json } = command;
  const code = await print(
    json
      ? `${JSON.stringify({ by, level: significanceLevel, ...(above === undefined ? {} : { above }), ...made }, null, 2)}\n`
      : diffText(made, { before, after }, command),
  );
  return code === 0 && made.slower.length > 0 ? slowerCode : code;
}
