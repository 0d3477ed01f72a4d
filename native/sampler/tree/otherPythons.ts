import { hasInterpreter, type InterpreterLocation, locateAll } from '../../cpython/locate.ts';
import { openOther, type OpenTarget, symbolNames } from '../../openTarget.ts';
import type { MappedFile, System } from '../../os/system.ts';
import { TargetError } from '../../targetError.ts';

/** µs between looks; and between those at what is mapped where nothing says that it has changed. */
const intervals = { look: 500_000, files: 10_000_000 };
/** µs for which new files are looked at in one go: samples are due meanwhile. */
const longestLook = 1000;
/** Pythons of one process, begun or not. */
const mostPythons = 64;

/** A Python that a library holds. */
interface Candidate {
  readonly location: InterpreterLocation;
  /** It is among what `find` returned. */
  begun: boolean;
}

/**
 * Finds the Pythons of a process besides the one that is known, as a host has whose plug-ins bring their own: when it is looked at
 * first, and as they begin, for which a library may be loaded long before. A look costs some 20 µs while no library is loaded, and
 * after that what a look at the new ones costs.
 */
export class OtherPythons {
  private readonly system: System;
  private readonly first: OpenTarget;
  private candidates: Candidate[];
  /** Files that were looked at, with where they are: one may be loaded twice. */
  private readonly seen: Set<string>;
  private codeSize = -1;
  private filesDue = 0;
  private due = 0;
  /** Where looking at new files stopped for lack of time. */
  private unfinished: Iterator<InterpreterLocation | null> | null = null;

  /**
   * @param original the same of a process that this one is a copy of (fork): what is known of it holds here as well
   */
  constructor(system: System, first: OpenTarget, original: OtherPythons | null = null) {
    this.system = system;
    this.first = first;
    const isKnown = original !== null && original.unfinished === null;
    this.candidates = isKnown ? original.candidates.map(({ location }) => ({ location, begun: false })) : [];
    this.seen = new Set(isKnown ? original.seen : []);
    if (!isKnown) return;
    this.codeSize = original.codeSize;
    this.filesDue = original.filesDue;
  }

  /**
   * @param now µs, of any clock, but always the same
   * @param isWhole looks at all files now, and not just for `longestLook`
   * @returns those that have begun, and have a thread of this process, each once while it lives
   */
  find(now: number, isWhole = false): OpenTarget[] {
    if (now < this.due && this.unfinished === null) return [];
    this.due = now + intervals.look;
    this.unfinished ??= this.newFiles(now);
    if (this.unfinished !== null) this.lookAtFiles(this.unfinished, isWhole);
    const found: OpenTarget[] = [];
    for (const [index, candidate] of [...this.candidates.entries()].reverse()) {
      if (candidate.begun) continue;
      try {
        const target = this.open(candidate.location);
        if (target === null) continue;
        candidate.begun = true;
        found.push(target);
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        this.candidates.splice(index, 1); // none that can be read
      }
    }
    return found.reverse();
  }

  /** One of them is not sampled any more: its library may be used again, or another be loaded in its place. */
  forget(target: OpenTarget): void {
    for (const candidate of this.candidates)
      if (candidate.location.runtimeAddress === target.understanding.location.runtimeAddress) candidate.begun = false;
  }

  /** @returns null while it has no interpreter or no thread of this process, as in a copy that only one thread went on in */
  private open(location: InterpreterLocation): OpenTarget | null {
    const { first, system } = this;
    if (!hasInterpreter(first.memory, location)) return null;
    const target = openOther(first, system, location);
    if (target.owner(system.threadIds(first.pid)) !== null) return target;
    target.close();
    return null;
  }

  /** What is mapped now and was not before, to be looked at; null: nothing. */
  private newFiles(now: number): Iterator<InterpreterLocation | null> | null {
    const { first, seen, system } = this;
    const { pid } = first;
    const size = system.codeSize(pid);
    if (now < this.filesDue && size === this.codeSize) return null;
    this.codeSize = size;
    this.filesDue = now + intervals.files;
    let files: MappedFile[];
    try {
      files = system.mappedFiles(pid);
    } catch (error) {
      if (error instanceof TargetError) return null; // it ends, which others find out
      throw error;
    }
    const paths = new Set(files.map(({ path }) => path));
    this.candidates = this.candidates.filter(({ location }) => paths.has(location.binary));
    const keys = new Map(files.map((file) => [file, keyOf(file)]));
    const fresh = files.filter((file) => !seen.has(keys.get(file)!));
    seen.clear(); // what is not there any more may come back
    for (const key of keys.values()) seen.add(key);
    return fresh.length === 0 ? null : locateAll(system, first.memory, pid, files, fresh, symbolNames);
  }

  private lookAtFiles(files: Iterator<InterpreterLocation | null>, isWhole: boolean): void {
    const until = isWhole ? Infinity : this.system.clock.monotonic() + longestLook;
    do {
      const next = files.next();
      if (next.done === true) {
        this.unfinished = null;
        return;
      }
      if (next.value !== null) this.note(next.value);
    } while (this.system.clock.monotonic() < until);
  }

  private note(location: InterpreterLocation): void {
    const { runtimeAddress } = location;
    if (runtimeAddress === this.first.understanding.location.runtimeAddress || this.candidates.length >= mostPythons) return;
    const known = this.candidates.findIndex((one) => one.location.runtimeAddress === runtimeAddress);
    if (known < 0) this.candidates.push({ location, begun: false });
    else if (!this.candidates[known]!.begun) this.candidates[known] = { location, begun: false }; // another library, at the same place
  }
}

function keyOf({ device, inode, path, mappings }: MappedFile): string {
  const starts = mappings.filter(({ executable }) => executable).map(({ start }) => start);
  return `${device} ${inode} ${path} ${starts.join(' ')}`;
}
