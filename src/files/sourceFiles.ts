import { sep } from 'node:path';
import type { FunctionRecord } from '../../profile/delta.ts';
import { CellFiles, type CellIndex, type ProfiledName } from '../notebooks/cellFiles.ts';
import type { ProfileSource } from '../profileSource.ts';
import { baseName, isGenerated, sourceName } from './pathMatch.ts';
import { type FileMatch, foreignRoot, type ProcessPlace, realPath, resolveFile, type WorkspaceFiles } from './resolveFile.ts';

/** Which files on this machine a profile's file names mean. Answers are kept until the workspace changes. */
export class SourceFiles {
  readonly #source: Pick<ProfileSource, 'profile' | 'state'>;
  readonly #workspace: WorkspaceFiles;
  readonly #cells: CellFiles;
  readonly #matches = new Map<string, Promise<FileMatch>>();
  readonly #places: Promise<ProcessPlace>[] = [];
  readonly #filesByName = new Map<string, Set<string>>();
  #profile: unknown;
  #functionCount = 0;
  #forgotten = 0;

  constructor(source: Pick<ProfileSource, 'profile' | 'state'>, workspace: WorkspaceFiles, cells: CellIndex) {
    this.#source = source;
    this.#workspace = workspace;
    this.#cells = new CellFiles(cells);
  }

  /** Takes in what the profile has learnt; call it now and then while it is recorded, so that a process is looked at while it lives. */
  update(): void {
    const { profile, state } = this.#source;
    if (this.#profile !== profile) {
      this.#profile = profile;
      this.#functionCount = 0;
      this.#places.length = 0;
      this.#filesByName.clear();
      this.#matches.clear();
      this.#cells.clear();
    }
    this.#cells.update(profile);
    for (const { pid, workingDirectory } of profile.processes.slice(this.#places.length)) {
      const root = state === 'ended' ? Promise.resolve(null) : foreignRoot(pid);
      this.#places.push(root.then((foreign) => ({ workingDirectory, foreignRoot: foreign })));
      this.forget();
    }
    for (; this.#functionCount < profile.functions.length; this.#functionCount++) {
      const { file } = profile.functions[this.#functionCount]!;
      if (isGenerated(file)) continue;
      const name = baseName(sourceName(file));
      const files = this.#filesByName.get(name);
      if (files === undefined) this.#filesByName.set(name, new Set([file]));
      else files.add(file);
    }
  }

  /** Looks anew from now on: the workspace is another. */
  forget(): void {
    this.#forgotten++;
    this.#matches.clear();
  }

  /** Stays the same as long as answers do. */
  get stamp(): string {
    this.update();
    return `${this.#functionCount}/${this.#places.length}/${this.#forgotten}/${this.#cells.stamp}`;
  }

  /** @param processId id (not pid) of the process that ran the file, if known */
  async resolve(file: string, processId?: number): Promise<FileMatch> {
    this.update();
    const code = this.#cells.find(file);
    if (code !== undefined) return code === null ? { kind: 'unknownCell' } : { kind: 'cell', uri: code.cell.uri, shift: code.shift };
    const key = `${processId ?? ''}:${file}`;
    let match = this.#matches.get(key);
    if (match === undefined) {
      const own = processId === undefined ? undefined : this.#places[processId];
      match = Promise.all(own === undefined ? this.#places : [own]).then((places) => resolveFile(file, places, this.#workspace));
      this.#matches.set(key, match);
    }
    return match;
  }

  /** The names in the profile that mean a cell of a notebook, by the URI of its document, and its source as it was run. */
  namesOfCell(uri: string): { readonly names: readonly ProfiledName[]; readonly text: string } {
    this.update();
    return this.#cells.namesOf(uri);
  }

  /** What to call a function and its file. */
  display(func: FunctionRecord): { readonly name: string; readonly file: string } {
    return this.#cells.display(func);
  }

  /** The names in the profile that mean the file at `path`, sorted. */
  async namesOf(path: string): Promise<string[]> {
    this.update();
    const real = await realPath(path);
    const names = new Set([baseName(path), baseName(real)]);
    const candidates = [...names].flatMap((name) => [...(this.#filesByName.get(name) ?? [])]);
    const areSame = await Promise.all(
      candidates.map(async (file) => {
        const match = await this.resolve(file);
        return match.kind === 'found' && (samePath(match.path, path) || samePath(await realPath(match.path), real));
      }),
    );
    return candidates.filter((_, i) => areSame[i]).sort();
  }
}

function samePath(a: string, b: string): boolean {
  return a === b || (sep === '\\' && a.toLowerCase() === b.toLowerCase());
}
