import fs from 'node:fs';
import path from 'node:path';
import { writtenFormats as formats } from '../../profile/formats/registry.ts';
import { Option } from 'commander';
import { commandOf } from '../command.ts';
import { formatOfFile, parseFormat } from '../formats.ts';
import { type LeftRecording, leftLimits, leftRecordings } from '../kept/leftRecordings.ts';
import { readKept, type ReadRecording } from '../kept/readKept.ts';
import { whatOf } from '../kept/tellLeft.ts';
import { whyUnread } from '../readProfile.ts';
import type { RecordOptions, View } from '../recordOptions.ts';
import type { FormatId } from '../../profile/formats/registry.ts';
import { outputNamed, save } from '../save.ts';
import { print, say } from '../say.ts';
import { ShortNames } from '../shortNames.ts';
import { summary } from '../summary.ts';
import { printable } from '../taskText.ts';
import { UsageError } from '../values.ts';
import { addViewOptions, parseView } from '../viewArguments.ts';
import { leaveIfDeleted } from '../workingDirectory.ts';

interface RecoverCommand {
  readonly name: 'recover';
  /** A file, or what is left of a process by its number; undefined: the newest of what is left. */
  readonly recording: string | undefined;
  /** What becomes of it. */
  readonly action: { readonly kind: 'list' } | { readonly kind: 'discard' } | Writing;
}

interface Writing {
  readonly kind: 'write';
  readonly output: string;
  readonly format: FormatId;
  readonly view: View;
}

export const recoverCommand = commandOf<RecoverCommand>({
  name: 'recover',
  summary: 'make a profile of a recording that was killed',
  description:
    'What is recorded is kept on disk until its profile is written: a recording that is killed leaves all but its last seconds. Without -o, this lists ' +
    `what was left; with it, a profile is made of the newest, or the one that is given, which is removed then. The last ${leftLimits.recordings} are kept, ` +
    `for ${leftLimits.days} days. convert, report and diff read such files, too.`,
  usage: ['', '[RECORDING|PID] -o FILE [options]', '--discard [RECORDING|PID]'],
  examples: [
    ['heatline recover', 'lists what was left'],
    ['heatline recover -o app.svg', 'a flame graph of the newest'],
    ['heatline recover --discard', 'removes all of it'],
  ],
  configure: (command) => {
    const format = new Option('-f, --format <format>', 'of the profile (default: by its name, or firefox)');
    format.argChoices = formats.map(({ id }) => id);
    addViewOptions(command.option('-o, --output <file>', 'where the profile goes; - for standard output').addOption(format)).option(
      '--discard',
      'remove what was left, or the one that is given',
    );
  },
  parse: (given) => {
    const [recording, ...others] = [...given.operands, ...(given.behind ?? [])];
    if (others[0] !== undefined) throw new UsageError(`unexpected argument '${others[0]}'`);
    const output = given.text('output');
    const format = given.value('format', parseFormat);
    const base = { name: 'recover', recording } as const;
    if (given.flag('discard')) {
      if (output !== undefined) throw new UsageError('--discard makes no sense with --output');
      return { ...base, action: { kind: 'discard' } };
    }
    if (output === undefined) {
      if (recording !== undefined || format !== undefined) throw new UsageError('recover needs to know where the profile goes: -o FILE');
      return { ...base, action: { kind: 'list' } };
    }
    const action = { kind: 'write', output, format: format ?? formatOfFile(output) ?? 'firefox', view: parseView(given) } as const;
    return { ...base, action };
  },
  execute: recover,
});

async function recover({ recording, action }: RecoverCommand): Promise<number> {
  const all = await leftRecordings();
  if (action.kind === 'list') return print(all.length === 0 ? 'Nothing was left.\n' : all.map(listed).join(''));
  const [chosen] = recording === undefined ? all : all.filter((one) => isMeant(one, recording));
  if (action.kind === 'discard') {
    if (chosen === undefined && recording !== undefined) return say(`heatline: ${noneText(recording)}`, 1);
    const discarded = recording === undefined ? all : [chosen!];
    for (const { path: file } of discarded) fs.rmSync(file, { force: true });
    return say(`${discarded.length === 1 ? 'One recording was' : `${discarded.length} recordings were`} removed.`);
  }
  const file = chosen?.path ?? recording;
  if (file === undefined) return say('heatline: nothing was left that could be recovered.', 1);
  if (chosen === undefined && fs.statSync(file, { throwIfNoEntry: false }) === undefined) return say(`heatline: ${noneText(file)}`, 1);
  return write(file, action, chosen !== undefined);
}

/** @param recording a file, or a process's number */
function isMeant({ path: file, facts }: LeftRecording, recording: string): boolean {
  return file === path.resolve(recording) || String(facts?.pid) === recording;
}

function noneText(recording: string): string {
  return `there is no recording ${recording}. heatline recover lists what there is.`;
}

function listed(recording: LeftRecording): string {
  const { path: file, facts, endedAt, bytes } = recording;
  const to = facts?.output === undefined ? '' : `, was to go to ${printable(facts.output)}`;
  return `${whatOf(recording)}: until ${endedAt.toLocaleString('sv-SE')}, ${bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`}${to}\n  ${file}\n`;
}

/** @param isLeft it is one of those that are kept for this alone */
async function write(file: string, { output, format, view }: Writing, isLeft: boolean): Promise<number> {
  const directory = leaveIfDeleted();
  let read: ReadRecording;
  try {
    read = await readKept(file);
  } catch (error) {
    return say(`heatline: can't read ${file}: ${whyUnread(error)}`, 1);
  }
  const { profile, facts, wrong } = read;
  const options: RecordOptions = {
    rate: facts.rate === 0 ? 'max' : facts.rate,
    subprocesses: profile.processes.length > 1,
    format,
    view,
    quiet: false,
    hidesProgress: true,
  };
  const names = new ShortNames();
  names.learn(
    profile.functions.map((one) => one.file),
    null,
    profile.processes[0]?.workingDirectory ?? null,
  );
  const remove = (): Promise<void> => (isLeft ? fs.promises.rm(file, { force: true }) : Promise.resolve());
  const kept = { delete: remove, leave: () => Promise.resolve({ path: file, isWhole: true }) };
  const problem = await save(profile, options, names, () => outputNamed(output, directory), kept);
  if (wrong !== null) say(`heatline: what follows in the recording can't be read: ${wrong}.`);
  if (problem !== null) return say(`heatline: ${problem}`, 1);
  return say(`${summary(profile)}${output === '-' ? '' : ` → ${output}`}`);
}
