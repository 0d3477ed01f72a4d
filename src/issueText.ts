import type { Place, Report } from '../profile/report.ts';

/** What is in the Markdown at most. */
const MAX_LINES = 10;
const MAX_PATH = 15;

/**
 * A report as Markdown for an issue: what ran, how it was measured, and the hot lines with their source. Paths are from the program's
 * folder on, as those above it concern nobody.
 * @param folders where the program ran, and those of the workspace
 */
export function issueText({ processes, duration, samples, quality, states, lines, paths }: Report, folders: readonly string[]): string {
  const [main] = processes;
  const place = ({ function: name, file, line }: Place): string =>
    code(file === '' ? name : `${name} (${shortened(file, folders)}${line > 0 ? `:${line}` : ''})`);
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const text = [
    `**${code(main?.name ?? 'Python')}**, Python ${main?.pythonVersion ?? '?'}: ${duration.toFixed(1)} s, ${samples} samples by Heatline (${quality}).`,
    `Threads were on a core ${percent(states.onCpu)}, ready for one ${percent(states.ready)}, waiting ${percent(states.waiting)} of their time. Shares below are of the time on a core or ready.`,
    '',
    '| self | total | line | source |',
    '| --: | --: | :-- | :-- |',
    ...lines
      .slice(0, MAX_LINES)
      .map(
        (line) => `| ${percent(line.self)} | ${percent(line.total)} | ${place(line)} | ${line.source === null ? '' : code(line.source)} |`,
      ),
  ];
  const [hottest] = paths;
  if (hottest !== undefined) {
    text.push('', `The heaviest stack (${percent(hottest.share)}):`, '');
    const frames = hottest.frames.slice(-MAX_PATH);
    if (frames.length < hottest.frames.length) text.push(`1. … ${hottest.frames.length - frames.length} more`);
    text.push(...frames.map((frame) => `1. ${place(frame)}`));
  }
  return `${text.join('\n')}\n`;
}

function shortened(file: string, folders: readonly string[]): string {
  const folder = folders
    .filter((one) => one !== '' && file.startsWith(`${one.replace(/[\\/]$/, '')}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (folder !== undefined) return file.slice(folder.replace(/[\\/]$/, '').length + 1);
  // Of a library what comes after its folder; of anything else the file and the folder that it is in.
  const library = /[\\/](?:site|dist)-packages[\\/](.+)$/.exec(file)?.[1] ?? /[\\/]lib[\\/]python[\d.]+t?[\\/](.+)$/.exec(file)?.[1];
  return library ?? file.split(/[\\/]/).slice(-2).join('/');
}

/** Code in a cell of a table: on one line, and ending where it should. */
function code(text: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll('`', '’')
    .replaceAll('|', '\\|')
    .trim();
  return `\`${line.length > 200 ? `${line.slice(0, 200)}…` : line}\``;
}
