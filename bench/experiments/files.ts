import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { short } from '../table.ts';
import type { FileResult, WritingResult } from '../tools/fileProcess.ts';
import type { Findings, Setting } from './experiment.ts';

const tool = path.join(import.meta.dirname, '..', 'tools', 'fileProcess.ts');

const cases: readonly { readonly runs: number; readonly stacks: number; readonly quick?: boolean }[] = [
  { runs: 1_000_065, stacks: 100_000, quick: true },
  { runs: 3_900_000, stacks: 50_000 },
  { runs: 10_000_000, stacks: 50_000 },
];

/** What it takes to open a large file. */
export async function files({ quick, progress }: Setting): Promise<Findings> {
  const run = (...args: readonly string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [tool, ...args], { maxBuffer: 1 << 20 });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'heatline-files-'));
  const rows = [['runs', 'stacks', 'file', 'size', 'runs kept', 'profile', 'above it, writing', 'above it, reading', 'reading', 'picture']];
  const figures: Record<string, string | number>[] = [];
  try {
    for (const { runs, stacks, quick: isQuick = false } of cases) {
      if (quick && !isQuick) continue;
      for (const kind of ['json', 'json.gz']) {
        progress(`files: ${runs} runs, ${kind}`);
        const file = path.join(folder, `profile.${kind}`);
        const { writingMemory } = JSON.parse((await run('write', file, String(runs), String(stacks))).stdout) as WritingResult;
        const { size } = await stat(file);
        const result = JSON.parse((await run('read', file)).stdout) as FileResult;
        rows.push([
          short(runs),
          short(stacks),
          kind,
          `${short(size / 1e6)} MB`,
          short(result.runs),
          `${short(result.profile)} MB`,
          `${short(writingMemory)} MB`,
          `${short(result.memory - result.profile)} MB`,
          `${short(result.reading)} s`,
          `${short(result.picture)} s`,
        ]);
        figures.push({ experiment: 'files', file: kind, size, ...result, writingMemory, runs, kept: result.runs });
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    title: 'Large files',
    method:
      'Heatline alone, which opens a profile that is made up, of 4 threads, as the editor does: in a thread, from the disk. What the columns of the profile take that comes out of it (of more than 4 million runs, equal ones ' +
      'are merged), the memory that was needed above that at the most, to write the file and to read it, how long reading took, and how long then the first flame graph and table, without drawing them.',
    rows,
    figures,
  };
}
