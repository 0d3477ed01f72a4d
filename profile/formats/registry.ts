import { austinFormat } from './entries/austin.ts';
import { callgrindFormat } from './entries/callgrind.ts';
import { chrometraceFormat } from './entries/chrometrace.ts';
import { cpuprofileFormat } from './entries/cpuprofile.ts';
import { firefoxFormat } from './entries/firefox.ts';
import { flamegraphFormat } from './entries/flamegraph.ts';
import { htmlFormat } from './entries/html.ts';
import { mojoFormat } from './entries/mojo.ts';
import { pprofFormat } from './entries/pprof.ts';
import { pstatsFormat } from './entries/pstats.ts';
import { perfFormat } from './entries/perf.ts';
import { pyinstrumentFormat } from './entries/pyinstrument.ts';
import { heatmapFormat, heatmapTextFormat } from './entries/heatmap.ts';
import { plainJsonFormat } from './entries/plainJson.ts';
import { lineProfilerFormat } from './entries/lineProfiler.ts';
import { rawFormat } from './entries/raw.ts';
import { samplingFormat } from './entries/sampling.ts';
import { speedscopeFormat } from './entries/speedscope.ts';
import type { Format } from './format.ts';

const entries = [
  firefoxFormat,
  flamegraphFormat,
  htmlFormat,
  heatmapFormat,
  heatmapTextFormat,
  speedscopeFormat,
  rawFormat,
  chrometraceFormat,
  cpuprofileFormat,
  pprofFormat,
  callgrindFormat,
  plainJsonFormat,
  pstatsFormat,
  austinFormat,
  mojoFormat,
  samplingFormat,
  pyinstrumentFormat,
  lineProfilerFormat,
  perfFormat,
] as const;

export type FormatId = (typeof entries)[number]['id'];

/**
 * All formats, in the order in which lists show them; of those that recognise a file, the last. A new one is a file in entries/ and a line here.
 */
export const formats: readonly Format[] = entries;

/** The formats that profiles can be written in. */
export const writtenFormats: readonly WrittenFormat[] = formats.filter(isWritten);

export type WrittenFormat = Format & Required<Pick<Format, 'write'>>;

function isWritten(format: Format): format is WrittenFormat {
  return format.write !== undefined;
}

/** The format with this id or alias. */
export function formatNamed(text: string): Format | undefined {
  return formats.find(({ id, aliases }) => id === text || aliases.includes(text));
}

/** The format of an id that is sure. */
export function formatOf(id: FormatId): WrittenFormat {
  return writtenFormats.find((format) => format.id === id)!;
}

/** The format that a file's name asks for by its ending, `.gz` aside; undefined where it asks for none. */
export function formatOfFile(name: string): Format | undefined {
  const lower = name.toLowerCase();
  const plain = lower.replace(/\.gz$/, '');
  let found: { readonly format: Format; readonly length: number } | undefined;
  for (const format of formats) {
    for (const ending of format.endings) {
      if ((plain.endsWith(ending) || lower.endsWith(ending)) && ending.length > (found?.length ?? 0))
        found = { format, length: ending.length };
    }
  }
  return found?.format;
}

/** Whether a file of a format is to be gzipped. @param name of the file; null where it has none, as standard output */
export function isPacked({ alwaysPacked = false, endings }: Format, name: string | null): boolean {
  const lower = name?.toLowerCase() ?? '';
  if (alwaysPacked || lower.endsWith('.gz')) return true;
  return endings[0]!.endsWith('.gz') && !endings.some((ending) => lower.endsWith(ending));
}
