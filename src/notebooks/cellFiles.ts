import type { FunctionRecord } from '../../profile/delta.ts';
import type { Profile } from '../../profile/profile.ts';
import { type CellName, isCellCode, isMagicFile, parseCellName } from './cellNames.ts';

/** A cell of an open notebook, as it was run. */
export interface Cell {
  /** URI of its document. */
  readonly uri: string;
  /** Localised: "Cell 3". */
  readonly name: string;
  /** Of the notebook's file. */
  readonly notebook: string;
  /** As Python counts its lines (CompiledCell). */
  readonly text: string;
  readonly magicLines: number;
  /** Higher for what was run later. */
  readonly sequence: number;
}

/** What is known of cells. */
export interface CellIndex {
  /** The cells whose code may be called so, the one run last in front. */
  find(name: CellName): readonly Cell[];
  /** Stays the same as long as answers do. */
  readonly stamp: string;
}

/** The code behind a file's name. */
export interface CellCode {
  readonly cell: Cell;
  /** To be added to its lines: a magic has the lines below it counted from there. */
  readonly shift: number;
}

/** A name that a profile has for a document, and what to add to the lines counted under it. */
export interface ProfiledName {
  readonly file: string;
  readonly shift: number;
}

/** Which of a profile's files are cells of notebooks. */
export class CellFiles {
  readonly #cells: CellIndex;
  readonly #names = new Map<string, CellName>();
  /** Cells' files that are in the stacks above a magic's, by the magic's. */
  readonly #magicOwners = new Map<string, Set<string>>();
  #functionCount = 0;
  /** By stack: the function id of the innermost cell in it, or -1; filled in once there is a magic. */
  #cellOfStack: number[] = [];

  constructor(cells: CellIndex) {
    this.#cells = cells;
  }

  get stamp(): string {
    return `${this.#names.size}/${[...this.#magicOwners.values()].map(({ size }) => size).join()}/${this.#cells.stamp}`;
  }

  /** Forgets the profile. */
  clear(): void {
    this.#names.clear();
    this.#magicOwners.clear();
    this.#functionCount = 0;
    this.#cellOfStack = [];
  }

  /** Takes in what the profile has learnt. */
  update(profile: Profile): void {
    for (; this.#functionCount < profile.functions.length; this.#functionCount++) {
      const { file } = profile.functions[this.#functionCount]!;
      const name = parseCellName(file);
      if (name !== undefined) this.#names.set(file, name);
      else if (isMagicFile(file) && !this.#magicOwners.has(file)) {
        this.#magicOwners.set(file, new Set());
        this.#cellOfStack = []; // its stacks may be among those that were looked at
      }
    }
    if (this.#magicOwners.size > 0 && this.#names.size > 0) this.#findOwners(profile);
  }

  /** @returns undefined for a file that is no cell's, null for one whose cell is not known */
  find(file: string): CellCode | null | undefined {
    const owners = this.#magicOwners.get(file);
    if (owners !== undefined) {
      const [owner] = owners;
      const cell = owners.size === 1 ? this.#find(owner!)[0] : undefined;
      // A line magic's code can't be told from another's.
      return cell === undefined || cell.magicLines === 0 ? null : { cell, shift: cell.magicLines };
    }
    if (!this.#names.has(file) && parseCellName(file) === undefined) return undefined;
    const [cell] = this.#find(file);
    return cell === undefined ? null : { cell, shift: 0 };
  }

  /** The names of a cell by its URI. Of a cell that was run in several versions, only the last counts: the others' lines are gone. */
  namesOf(uri: string): { readonly names: readonly ProfiledName[]; readonly text: string } {
    const versions = [...this.#names.keys()].flatMap((file) =>
      this.#find(file)
        .filter((cell) => cell.uri === uri)
        .map((cell) => ({ file, cell })),
    );
    const last = versions.reduce<Cell | undefined>(
      (best, { cell }) => (best === undefined || cell.sequence > best.sequence ? cell : best),
      undefined,
    );
    if (last === undefined) return { names: [], text: '' };
    const names = versions.filter(({ cell }) => cell.text === last.text).map(({ file }) => ({ file, shift: 0 }));
    for (const [file, owners] of this.#magicOwners) {
      if (owners.size === 1 && last.magicLines > 0 && names.some((name) => owners.has(name.file)))
        names.push({ file, shift: last.magicLines });
    }
    return { names: names.sort((a, b) => (a.file < b.file ? -1 : 1)), text: last.text };
  }

  /** What to call a function and its file: those of cells have names that mean nothing to people. */
  display({ name, file }: FunctionRecord): { readonly name: string; readonly file: string } {
    const code = this.find(file);
    if (code === undefined || code === null) return { name, file };
    const { cell } = code;
    return { name: isCellCode(name) ? cell.name : name, file: `${cell.notebook}, ${cell.name}` };
  }

  #find(file: string): readonly Cell[] {
    const name = this.#names.get(file) ?? parseCellName(file);
    return name === undefined ? [] : this.#cells.find(name);
  }

  #findOwners(profile: Profile): void {
    const cellOf = this.#cellOfStack;
    cellOf[0] = -1;
    for (let stack = cellOf.length; stack < profile.stackCount; stack++) {
      const func = profile.frameFunction(profile.stackFrame(stack));
      const { file } = profile.functions[func]!;
      const around = cellOf[profile.stackParent(stack)]!;
      cellOf[stack] = this.#names.has(file) ? func : around;
      if (around >= 0) this.#magicOwners.get(file)?.add(profile.functions[around]!.file);
    }
  }
}
