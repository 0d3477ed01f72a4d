import { styled } from './color.ts';
import type { Place, PlaceTime, Report } from '../profile/report.ts';
import { printable } from './taskText.ts';

/** Frames of a path that are shown: the innermost. */
const shownFrames = 8;

/** A report for people. */
export function reportText(report: Report): string {
  const { processes, samples, duration, quality, states, threads, functions, lines, paths, countedSamples } = report;
  const text = [
    ...processes.map(({ pid, name, pythonVersion }) => printable(`${name}, process ${pid}, Python ${pythonVersion}`)),
    `${samples} samples of ${threads.length} threads in ${duration.toFixed(1)} s: ${quality}`,
    `Threads were on a core ${percent(states.onCpu)}, ready for one ${percent(states.ready)}, waiting ${percent(states.waiting)} of their time.`,
    '',
    title('Threads'),
    '    core   ready waiting     GIL      GC',
    ...threads.map(
      ({ name, osThreadId, onCpu, ready, waiting, gil, garbage }) =>
        `${[onCpu, ready, waiting, gil, garbage].map((share) => percent(share, 8)).join('')}  ${printable(name === '' ? 'Thread' : name)} (${osThreadId})`,
    ),
    '',
  ];
  if (countedSamples === 0) {
    text.push('No thread ran Python in any of these samples. With --idle (-i), those that waited count too.');
    return finished(text);
  }
  text.push(title(`Functions by self time, of ${countedSamples} samples`), '   self   total', ...functions.map(timeLine), '');
  text.push(title('Lines by self time'), '   self   total');
  for (const line of lines) {
    text.push(timeLine(line));
    if (line.source !== null && line.source !== '') text.push(`                  ${printable(line.source)}`);
  }
  text.push('', title('Call paths'));
  for (const { share, frames } of paths) {
    const left = frames.length - shownFrames;
    if (left > 0) text.push(`${percent(share, 7)}  … ${left} more`);
    for (const [i, frame] of frames.slice(-shownFrames).entries())
      text.push(`${i === 0 && left <= 0 ? percent(share, 7) : '       '}  ${'  '.repeat(i)}${placeText(frame)}`);
  }
  return finished(text);
}

function finished(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function title(text: string): string {
  return styled('bold', text, 1);
}

function timeLine(time: PlaceTime): string {
  return `${percent(time.self, 7)}${percent(time.total, 8)}  ${placeText(time)}`;
}

function placeText({ function: name, file, line }: Place): string {
  const where = file === '' ? '' : line === 0 ? ` (${file})` : ` (${file}:${line})`;
  return printable(`${name}${where}`);
}

function percent(share: number, width = 0): string {
  return `${(100 * share).toFixed(1)} %`.padStart(width);
}
