import { styled } from './color.ts';
import path from 'node:path';
import type { Place, PlaceTime, Report, SplitReport } from '../profile/report.ts';
import { printable } from './taskText.ts';

/** Frames of a path that are shown: the innermost. */
const shownFrames = 8;
/** Parts of a line's own time below this share of it are not worth a word. */
const worthSaying = 0.01;
const indent = ' '.repeat(18);

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
  if (report.split !== null) text.push(...splitLines(report.split, report.splitBy), '');
  text.push(title(`Functions by self time, of ${countedSamples} samples`), '   self   total', ...functions.map(timeLine), '');
  text.push(title('Lines by self time'), '   self   total');
  for (const line of lines) {
    text.push(timeLine(line));
    if (line.source !== null && line.source !== '') text.push(`${indent}${printable(line.source)}`);
    if (line.split !== null && line.split.native + line.split.system >= worthSaying)
      text.push(`${indent}${styled('dim', splitText(line.split), 1)}`);
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

function splitLines(split: SplitReport, by: Report['splitBy']): string[] {
  const { python, native, interpreter, system } = split;
  return by === 'native frames'
    ? [
        `Of this time Python’s bytecode took ${percent(python)}, native code ${percent(native)} (${percent(interpreter)} in Python’s own C), the system ${percent(system)}.`,
      ]
    : [
        `Of this time calls of C took ${percent(native)}, Python itself the rest (what instructions tell: with C’s operators, and the system in neither; record with -n to tell).`,
      ];
}

/** "63.0 % native: dgemm (libopenblas.so), memcpy (libc.so.6) 12.0 %; 5.0 % system": of a line's own time. */
function splitText({ native, interpreter, system, functions }: SplitReport): string {
  const named = functions.filter(({ share }) => share >= worthSaying);
  const names = named.map(({ name, file, share }) => `${percent(share)} ${name}${file === '' ? '' : ` (${path.posix.basename(file)})`}`);
  const parts = [
    ...(native >= worthSaying
      ? [`${percent(native)} native${interpreter >= worthSaying ? ` (${percent(interpreter)} in Python’s own C)` : ''}`]
      : []),
    ...(system >= worthSaying ? [`${percent(system)} system`] : []),
  ];
  return printable(`${parts.join(', ')}${names.length === 0 ? '' : `: ${names.join(', ')}`}`);
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
