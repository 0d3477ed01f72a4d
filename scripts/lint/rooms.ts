import { isBuiltin } from 'node:module';
import path from 'node:path';

/** A folder with one subject, and what its files may import (docs/architecture.md). */
export interface Room {
  /** From the project's folder on, with "/". The innermost room that a file lies in counts. */
  readonly folder: string;
  /** Other folders and files it may import; its own it always may. */
  readonly imports: readonly string[] | 'anything';
  /** Whether it runs inside the editor and may import `vscode`. */
  readonly inEditor?: boolean;
  /** Whether it runs in Node; false: in browsers as well. */
  readonly inNode: boolean;
  /** Whether it may call the system's libraries. */
  readonly callsSystem?: boolean;
  /** The only folders that may import it, for a room that stands behind a seam. */
  readonly importedBy?: readonly string[];
}

const native = { imports: ['native', 'profile'], inNode: true } as const;

/** A floor of native/sampler: it may import some others, which lie below it, and never what lies above. */
function samplerFloor(name: string, below: readonly string[], others: readonly string[] = []): Room {
  const under = ['native/cpython', 'native/memory', 'native/os', 'profile', ...others];
  return { folder: `native/sampler/${name}`, imports: [...below.map((other) => `native/sampler/${other}`), ...under], inNode: true };
}
const walkers = ['callers', 'code', 'tables', 'tasks', 'threads'];
/** What walkers tell those who merge native frames with Python's. */
const evaluations = ['native/unwind/evaluationList.ts'];

/**
 * All rooms. Tests that stand beside their sources may look past the doors into any part of what their room imports, and they
 * run in Node.
 */
export const rooms: readonly Room[] = [
  { folder: 'profile', imports: [], inNode: false },
  { folder: 'profile/files', imports: ['profile'], inNode: true, importedBy: ['cli', 'src'] },
  { folder: 'native', ...native },
  { folder: 'native/os', ...native, callsSystem: true },
  { folder: 'native/os/linux', ...native, callsSystem: true, importedBy: ['native/os'] },
  samplerFloor('tables', []),
  samplerFloor('code', ['tables']),
  samplerFloor('threads', ['tables'], evaluations),
  samplerFloor('tasks', ['tables', 'threads']),
  samplerFloor('callers', ['code', 'tables', 'threads']),
  samplerFloor('dataStack', walkers, evaluations),
  samplerFloor('heap', walkers, evaluations),
  samplerFloor('nativeFrames', ['tables', 'threads'], ['native/unwind', 'native/targetError.ts']),
  samplerFloor('tree', [], ['native/openTarget.ts', 'native/engine.ts', 'native/targetError.ts']),
  { folder: 'webview', imports: ['profile'], inNode: false },
  // The page with what answers it in the editor, in one file that needs no editor.
  { folder: 'page', imports: ['profile', 'webview', 'src/flameGraph/pageSession.ts'], inNode: false },
  { folder: 'webview/dev', imports: 'anything', inNode: true }, // drives a browser
  { folder: 'cli', imports: ['native/index.ts', 'profile'], inNode: true },
  {
    folder: 'src',
    imports: [
      'native/index.ts',
      'profile',
      'webview/messages.ts',
      'webview/query.ts',
      'webview/parsePageMessage.ts',
      'webview/compareMessages.ts',
      'webview/parseComparePageMessage.ts',
    ],
    inNode: true,
    inEditor: true,
  },
  { folder: 'bench', imports: 'anything', inNode: true },
  { folder: 'scripts', imports: 'anything', inNode: true },
  { folder: 'test', imports: 'anything', inNode: true, inEditor: true },
];

/** The room a file lies in. @param file from the project's folder on, with "/" */
function roomOf(file: string): Room | null {
  let innermost: Room | null = null;
  for (const room of rooms) {
    if (isIn(file, room.folder) && room.folder.length > (innermost?.folder.length ?? 0)) innermost = room;
  }
  return innermost;
}

/**
 * Why a file may not import something.
 * @param file from the project's folder on, with "/"
 * @param source as the import names it: relative, or a package
 * @returns null when it may
 */
export function whyNot(file: string, source: string): string | null {
  const room = roomOf(file);
  if (room === null || path.posix.isAbsolute(source)) return null;
  const isTest = file.endsWith('.test.ts');
  return isRelative(source)
    ? whyNotFile(room, path.posix.join(path.posix.dirname(file), source), isTest)
    : whyNotPackage(room, source, isTest);
}

/** Whether an import names a file and not a package. */
export function isRelative(source: string): boolean {
  return source.startsWith('./') || source.startsWith('../');
}

function whyNotFile(room: Room, imported: string, isTest: boolean): string | null {
  const other = roomOf(imported);
  if (other === null || other === room) return null;
  if (other.importedBy !== undefined && !isTest && !other.importedBy.some((folder) => isIn(room.folder, folder)))
    return `Only ${other.importedBy.join(' and ')} may import ${other.folder}: what differs between systems stands behind its interfaces.`;
  const { imports } = room;
  if (imports === 'anything' || imports.some((allowed) => isIn(imported, allowed))) return null;
  if (isTest && imports.some((allowed) => isIn(allowed, other.folder) || isIn(other.folder, allowed.split('/')[0]!))) return null;
  const allowed = imports.length === 0 ? 'nothing of other rooms' : `only ${imports.join(', ')}`;
  return `${room.folder} may import ${allowed} (docs/architecture.md).`;
}

function whyNotPackage(room: Room, source: string, isTest: boolean): string | null {
  if (source === 'vscode') return room.inEditor === true ? null : 'Only src may import vscode: everything else runs without an editor.';
  if (isTest) return null;
  if (isBuiltin(source) && !room.inNode) return `${room.folder} runs in browsers, without Node’s modules.`;
  if (source === 'koffi' && room.callsSystem !== true && room.imports !== 'anything')
    return 'Only native/os may import koffi: all calls of the system’s libraries are there.';
  return null;
}

/** @param place a file or a folder */
function isIn(place: string, folder: string): boolean {
  return place === folder || place.startsWith(`${folder}/`);
}
