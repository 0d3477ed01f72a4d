import { commandOf } from '../command.ts';
import { EndingSignals, endingSignals } from '../endingSignals.ts';
import { failureText } from '../failureText.ts';
import { readProfile, whyUnread } from '../readProfile.ts';
import { collect } from '../record.ts';
import { Recorded } from '../recorded.ts';
import { reportOf } from '../sourcedReport.ts';
import { reportText } from '../reportText.ts';
import { print, say } from '../say.ts';
import { integer, parseAnyPid, parseDuration, parseRate, UsageError } from '../values.ts';
import { leaveIfDeleted } from '../workingDirectory.ts';
import type { Profile } from '../../profile/profile.ts';
import type { ReportOptions } from '../../profile/report.ts';

interface ReportCommand extends ReportOptions {
  readonly name: 'report';
  /** A saved profile, or a process that is sampled. */
  readonly source:
    | { readonly file: string }
    | { readonly pid: number; readonly duration: number; readonly rate: number | 'max'; readonly subprocesses: boolean };
  readonly json: boolean;
}

/** ms */
const defaultDuration = 10_000;

export const reportCommand = commandOf<ReportCommand>({
  name: 'report',
  summary: 'say in short where the time goes: of a saved profile, or of a running process',
  description:
    'Says what was measured and how well, what threads did, and the hottest functions, lines (with their source) and call paths. Waiting threads do not count unless --idle is given.',
  usage: ['FILE [options]', '-p PID [-d SECONDS] [options]'],
  examples: [
    ['heatline report app.heatline.json.gz', 'of what record wrote'],
    ['heatline report -p 1234 -d 5', 'of 5 s of a running process'],
    ['heatline report -p 1234 --json | jq .functions', 'for programs'],
  ],
  configure: (command) =>
    command
      .option('-p, --pid <pid>', 'the process to look at')
      .option('-d, --duration <seconds>', 'how long (default: 10), or until Ctrl-C')
      .option('-r, --rate <rate>', 'samples per second (default: 1000)')
      .option('-s, --subprocesses', 'follow the processes it starts, too')
      .option('-i, --idle', 'count threads that wait, too')
      .option('-g, --gil', 'count only threads that hold the GIL')
      .option('--top <number>', 'how many functions, lines and paths (default: 10)')
      .option('-j, --json', 'for programs to read'),
  parse: (given) => {
    const [file, ...others] = [...given.operands, ...(given.behind ?? [])];
    if (others[0] !== undefined) throw new UsageError(`unexpected argument '${others[0]}'`);
    const pid = given.value('pid', parseAnyPid);
    if ((file === undefined) === (pid === undefined)) throw new UsageError('report needs a file, or a process: -p PID');
    const duration = given.value('duration', parseDuration);
    const rate = given.value('rate', parseRate);
    if (file !== undefined)
      for (const [name, value] of Object.entries({ duration, rate, subprocesses: given.flag('subprocesses') || undefined }))
        if (value !== undefined) throw new UsageError(`--${name} makes no sense with a file`);
    return {
      name: 'report',
      source:
        pid === undefined
          ? { file: file! }
          : { pid, duration: duration ?? defaultDuration, rate: rate ?? 1000, subprocesses: given.flag('subprocesses') },
      top: given.value('top', (text) => integer(text, 1000, 'a number from 1 to 1000')) ?? 10,
      idle: given.flag('idle'),
      gil: given.flag('gil'),
      json: given.flag('json'),
    };
  },
  tellsLeft: () => 'after',
  execute: report,
});

async function report(command: ReportCommand): Promise<number> {
  const { source, json } = command;
  const found = 'file' in source ? await saved(source.file) : await sampled(source);
  if (typeof found === 'string') return say(`heatline: ${found}`, 1);
  const made = reportOf(found, command);
  return print(json ? `${JSON.stringify(made, null, 2)}\n` : reportText(made));
}

/** @returns what went wrong instead, as a sentence */
async function saved(file: string): Promise<Profile | string> {
  try {
    return await readProfile(file);
  } catch (error) {
    return `can't read ${file}: ${whyUnread(error)}`;
  }
}

/** @returns what went wrong instead, as a sentence */
async function sampled(source: Exclude<ReportCommand['source'], { readonly file: string }>): Promise<Profile | string> {
  leaveIfDeleted();
  let stop: () => void = () => undefined;
  const signals = new EndingSignals();
  for (const signal of endingSignals) process.on(signal, () => signals.take(signal) && stop());
  const options = {
    ...source,
    format: 'firefox',
    blocking: false,
    view: { lines: 'current', threads: false, gil: false, idle: true, fullFilenames: true },
    quiet: false,
    hidesProgress: false,
  } as const;
  const recorded = new Recorded(options);
  const end = await collect(options, recorded, (engine) => (stop = () => engine.stop()));
  if (typeof end !== 'string') {
    const text = failureText(end);
    if (recorded.profile.quality.samples === 0) return text;
    say(`heatline: ${text}`);
  }
  return recorded.profile;
}
