import type {
  Execution,
  MappedContent,
  MappedFile,
  NamespaceIds,
  ProcessFacts,
  ProcessMemory,
  ProcessSource,
  ThreadStates,
} from '../os/system.ts';
import { ThreadState } from '../os/system.ts';
import { auxiliaryValue, commandLineOnStack } from './commandLine.ts';
import type { CoreSignal } from './coreNotes.ts';
import { missingText } from './coreFailure.ts';
import type { CoreFile } from './coreFile.ts';
import { CoreNamespaceIds } from './coreNamespaceIds.ts';
import { CoreMemory } from './coreMemory.ts';
import { pageSize, ProgramFiles } from './programFiles.ts';

/** getauxval(3): the program's entry point. */
const AT_ENTRY = 9;

/** A process as its core dump has it: what is asked of a live one can be asked of it, too, and its id is the only one there is. */
export class CoreProcess implements ProcessSource {
  readonly pageSize = pageSize;
  readonly longSize = 8;
  readonly pid: number;
  readonly signal: CoreSignal | null;
  readonly files: ProgramFiles;
  /** Bytes that the dump's end lacks. */
  readonly cutOff: number;
  private readonly core: CoreFile;
  private readonly executable: MappedFile | null;

  /** Owns the dump. @param search folders where the program's files are looked for first */
  constructor(core: CoreFile, search: readonly string[]) {
    this.core = core;
    this.pid = core.notes.pid;
    this.signal = core.notes.signal;
    this.cutOff = core.cutOff;
    this.files = new ProgramFiles(core, search);
    const { auxiliary, files } = core.notes;
    const entry = auxiliaryValue(auxiliary, AT_ENTRY);
    this.executable = files.find(({ mappings }) => mappings.some(({ start, end }) => start <= entry && entry < end)) ?? files[0] ?? null;
  }

  openMemory(): ProcessMemory {
    return new CoreMemory(this.core, (address) => this.files.leftOut(address));
  }

  openThreadStates(): ThreadStates {
    return new CoreThreadStates(this.core);
  }

  threadIds(): number[] {
    return this.core.notes.threads.map(({ id }) => id);
  }

  openNamespaceIds(): NamespaceIds | null {
    return CoreNamespaceIds.open(this.core, new CoreMemory(this.core, null));
  }

  /** Core dumps have no names of threads. */
  threadName(): null {
    return null;
  }

  mappedFiles(): MappedFile[] {
    const { executable } = this;
    const { files } = this.core.notes;
    return executable === null ? [...files] : [executable, ...files.filter((file) => file !== executable)];
  }

  openMappedFile(_pid: number, file: MappedFile): MappedContent | null {
    return this.files.open(file);
  }

  processFacts(): ProcessFacts {
    const { name, commandLine, parentPid, auxiliary } = this.core.notes;
    const memory = new CoreMemory(this.core, null);
    return {
      pid: this.pid,
      parentPid,
      name,
      commandLine: commandLineOnStack(memory, this.core, auxiliary) ?? (commandLine === '' ? [] : commandLine.split(' ')),
      executable: this.executable?.path ?? null,
      workingDirectory: null,
      user: null,
      isOwn: false,
      startedAt: 0,
    };
  }

  execution(): Execution {
    return { startTime: 0, executable: this.executable?.path ?? null, file: null, stackStart: 0, stackIsDrawn: false };
  }

  /** What could not be read, for people. */
  problems(): string[] {
    const { cutOff, files } = this;
    return [
      ...(cutOff > 0 ? [`the dump is cut off: ${cutOff} bytes are missing at its end`] : []),
      ...[...files.missing.values()].map((missing) => `what it had of ${missingText(missing)}`),
    ];
  }

  close(): void {
    this.files.close();
    this.core.close();
  }
}

/** What threads did when the core was dumped; nothing has run since. */
class CoreThreadStates implements ThreadStates {
  private readonly threads: CoreFile['notes']['threads'];
  private readonly slots: ReadonlyMap<number, number>;

  constructor({ notes }: CoreFile) {
    this.threads = notes.threads;
    this.slots = new Map(notes.threads.map(({ id }, slot) => [id, slot]));
  }

  track(threadId: number): number {
    return this.slots.get(threadId) ?? -1;
  }

  untrack(): void {
    // Nothing is kept for it.
  }

  look(slot: number): ThreadState {
    return this.threads[slot]?.waits === false ? ThreadState.Running : ThreadState.Waiting;
  }

  stoodStill(): boolean {
    return true;
  }

  readyOn(): number {
    return -1;
  }

  hasRun(): boolean {
    return false;
  }

  processTime(): number {
    return -1;
  }

  cpuTime(slot: number): number {
    return this.threads[slot]?.cpuTime ?? -1;
  }

  isGone(slot: number): boolean {
    return this.threads[slot] === undefined;
  }

  close(): void {
    // Nothing to release.
  }
}
