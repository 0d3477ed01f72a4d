import { readSync } from 'node:fs';
import { FileSource } from '../../binary/byteSource.ts';
import { TargetError } from '../../targetError.ts';
import type { Grant, RequestedGrant } from '../elevation.ts';
import type { Execution, MappedContent, MappedFile, ProcessFacts, ProcessMemory } from '../system.ts';
import { filesOf } from './grant.ts';
import { libc } from './libc.ts';
import { executableFirst, LinuxSystem, withoutDeletedMark } from './linux.ts';
import { MemFileMemory } from './memFileMemory.ts';
import { maxMapsSize, parseMaps } from './procFiles.ts';

/**
 * The system as seen by a sampler that has given up its rights: whatever needs them was opened before, or is requested, one
 * process at a time, from someone who still has them.
 */
export class GrantedSystem extends LinuxSystem {
  private readonly granted = new Map<number, { grant: Grant; memory: MemFileMemory; taken: boolean }>();
  private readonly request: (pid: number) => RequestedGrant;
  /** Who would take in what the first process leaves behind: its ancestors. */
  private readonly ancestors = new Set<number>();

  /**
   * @param first what was opened before; belongs to the system from now on
   * @param request asks for another process. @throws TargetError when it is refused
   */
  constructor(first: readonly Grant[], request: (pid: number) => RequestedGrant) {
    super();
    this.request = request;
    for (const grant of first) {
      this.accept(grant);
      for (let at = this.parentId(grant.pid); at > 0 && !this.ancestors.has(at); at = this.parentId(at)) this.ancestors.add(at);
    }
  }

  override openMemory(pid: number): ProcessMemory {
    let entry = this.granted.get(pid);
    // A grant is for one memory: after an exec, the process has another.
    if (entry === undefined || entry.taken) {
      this.release(pid);
      entry = this.accept(this.request(pid));
    }
    entry.taken = true;
    if (!entry.memory.isAlive()) throw new TargetError({ code: 'no-such-process', pid });
    return entry.memory;
  }

  override mappedFiles(pid: number): MappedFile[] {
    const entry = this.granted.get(pid);
    if (entry === undefined) return super.mappedFiles(pid);
    const text = readWhole(filesOf(entry.grant).maps, maxMapsSize);
    if (text === null) throw new TargetError({ code: 'no-such-process', pid });
    return executableFirst(parseMaps(text.toString('utf8')), entry.grant.executable);
  }

  /** Only if everybody may read it at its path; otherwise it is read from the process's memory. */
  override openMappedFile(pid: number, file: MappedFile): MappedContent | null {
    if (!this.granted.has(pid)) return super.openMappedFile(pid, file);
    try {
      const source = new FileSource(file.path);
      if (source.inode === file.inode) return { source, key: source.key };
      source.close();
    } catch {
      // Not there, or not for us.
    }
    return null;
  }

  override processFacts(pid: number): ProcessFacts | null {
    const facts = super.processFacts(pid);
    const grant = this.granted.get(pid)?.grant;
    if (facts === null || grant === undefined) return facts;
    return { ...facts, executable: grant.executable && withoutDeletedMark(grant.executable), workingDirectory: grant.workingDirectory };
  }

  /** We may not see what would reveal an exec, but the memory being gone reveals it, too. */
  override execution(pid: number): Execution | null {
    const stat = super.execution(pid);
    const seen = stat && { ...stat, file: null, stackStart: 0, stackIsDrawn: false }; // the same for all processes, granted or not
    const entry = this.granted.get(pid);
    if (entry === undefined) return seen;
    if (entry.memory.isClosed) {
      this.release(pid);
      return seen;
    }
    const alive = entry.memory.isAlive();
    // The process is there, but not for us: /proc hides others' (hidepid).
    if (seen === null && alive) throw new TargetError({ code: 'permission-denied', pid, owner: null, reason: 'hidden' });
    if (seen?.startTime !== entry.grant.startTime) return seen;
    const executable = entry.grant.executable && withoutDeletedMark(entry.grant.executable);
    return { ...seen, executable, stackStart: alive ? 0 : -1 };
  }

  /** Asks only about what may have been left: others' parents are there. */
  originOf(pid: number, parent: number): number {
    if (!this.ancestors.has(parent) || this.granted.has(pid)) return 0;
    try {
      const grant = this.request(pid);
      this.accept(grant);
      return grant.origin;
    } catch (error) {
      if (error instanceof TargetError) return 0;
      throw error;
    }
  }

  private accept(grant: Grant): { grant: Grant; memory: MemFileMemory; taken: boolean } {
    const entry = { grant, memory: new MemFileMemory(grant.pid, filesOf(grant).memory), taken: false };
    this.granted.set(grant.pid, entry);
    return entry;
  }

  private release(pid: number): void {
    const entry = this.granted.get(pid);
    if (entry === undefined) return;
    entry.memory.close();
    libc().close(filesOf(entry.grant).maps); // not by fs, which warns of files that another thread opened
    this.granted.delete(pid);
  }
}

/** @returns null when there is nothing to read any more */
function readWhole(fd: number, limit: number): Buffer | null {
  const pieces: Buffer[] = [];
  let total = 0;
  try {
    while (total < limit) {
      const piece = Buffer.allocUnsafe(64 * 1024);
      const length = readSync(fd, piece, 0, piece.length, total);
      if (length === 0) break;
      pieces.push(piece.subarray(0, length));
      total += length;
    }
  } catch {
    return null;
  }
  return Buffer.concat(pieces, total);
}
