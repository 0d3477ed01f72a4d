export interface FoldedFrame {
  readonly name: string;
  readonly line: number;
}

/** A stack, root first, and how often it was seen. */
export interface FoldedStack {
  readonly frames: readonly FoldedFrame[];
  readonly count: number;
}

/** Parses `name (file:line);… count`, the form of Heatline and py-spy. Lines of other forms are left out. */
export function parseFolded(text: string): FoldedStack[] {
  return parse(text, /^(.*) \(.*?(?::(\d+))?\)$/);
}

/** Parses `tid:N;file:name:line;… count`, the form of profiling.sampling. */
export function parseColonFolded(text: string): FoldedStack[] {
  return parse(text, /^.*:([^:]+):(\d+)$/);
}

function parse(text: string, form: RegExp): FoldedStack[] {
  const stacks: FoldedStack[] = [];
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    const count = Number(line.slice(space + 1));
    if (space < 0 || !(count > 0)) continue;
    const frames: FoldedFrame[] = [];
    for (const frame of line.slice(0, space).split(';')) {
      const match = form.exec(frame);
      if (match !== null) frames.push({ name: match[1]!, line: Number(match[2] ?? 0) });
    }
    stacks.push({ frames, count });
  }
  return stacks;
}

export function countSamples(stacks: readonly FoldedStack[]): number {
  return stacks.reduce((sum, { count }) => sum + count, 0);
}

/** Samples of stacks that have a frame of the function. */
export function countWith(stacks: readonly FoldedStack[], name: string): number {
  return countSamples(stacks.filter(({ frames }) => frames.some((frame) => frame.name === name)));
}
