import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32, inflateSync } from 'node:zlib';
import { BufferSource } from '../binary/byteSource.ts';
import { openBinary } from '../binary/open.ts';
import type { ThreadContexts } from '../os/threadContexts.ts';
import { openDebugFile } from './debugFiles.ts';
import { isInterpretersOwn } from './interpreterFrames.ts';
import { Modules } from './modules.ts';
import { NativeNames } from './nativeNames.ts';
import { RuleTable } from './rules.ts';
import { base, elf, filesOf, memoryOf, regionsOf, stops } from './testing/recordedStacks.ts';
import { x64 } from './x64.ts';

/** A process whose file system has these files. */
function contextsWith(files: Readonly<Record<string, Buffer>>): ThreadContexts {
  return {
    stopObstacle: null,
    regions: () => [],
    waiting: () => false,
    stop: () => 'gone',
    release: () => undefined,
    owesRelease: false,
    interrupt: () => 'gone' as const,
    awaitInterrupted: () => 'gone' as const,
    openGeneratedCode: () => (files['generated'] === undefined ? null : new BufferSource(files['generated'])),
    openFile: (path) => (files[path] === undefined ? null : new BufferSource(files[path])),
  };
}

const noSource = { source: null, line: 0, isInlined: false };

function namesOf(file: Buffer, files: Readonly<Record<string, Buffer>> = {}, own: readonly string[] = []): NativeNames {
  const stop = stops[0]!;
  return new NativeNames(
    new Modules(filesOf(file), 1, memoryOf(stop, file), regionsOf(stop), new RuleTable(x64)),
    contextsWith(files),
    own,
  );
}

/** Without its list of symbols: that section is of another type. */
function stripped(): Buffer {
  const bytes = Buffer.from(elf);
  const sections = Number(bytes.readBigUInt64LE(40));
  for (let i = 0; i < bytes.readUInt16LE(60); i++) {
    const type = sections + 64 * i + 4;
    if (bytes.readUInt32LE(type) === 2) bytes.writeUInt32LE(1, type);
  }
  return bytes;
}

describe('NativeNames', () => {
  it('names functions as gdb does, but for what compilers add', () => {
    for (const stop of stops) {
      const names = namesOf(elf);
      assert.deepEqual(
        stop.addresses.map((address, i) => names.of(address, i === 0 || stop.names[i] === 'restorer').at(-1)!.function),
        stop.names.map((name) => name.replace('.constprop', '')),
      );
    }
  });

  it('names generated code as the process does', () => {
    const names = namesOf(elf, { generated: Buffer.from('1000 20 jit: work\n') });
    assert.deepEqual(names.of(0x1010, true), [{ function: 'jit: work', library: null, ...noSource }]);
    assert.equal(names.of(0x1020, false)[0]!.function, 'jit: work');
    assert.equal(names.of(0x1020, true)[0]!.function, '0x1020');
  });

  it('calls code without a name by where its function begins, and code in no file by where it is', () => {
    const names = namesOf(stripped());
    assert.deepEqual(names.of(base + 0x2d6, true), [{ function: 'frames+0x2d0', library: '/frames', ...noSource }]);
    assert.deepEqual(names.of(base + 0x344, false), [{ function: 'frames+0x2d0', library: '/frames', ...noSource }]);
    assert.deepEqual(names.of(0x1234, true), [{ function: '0x1234', library: null, ...noSource }]);
  });
});

describe('NativeNames of stripped files', () => {
  const { library, debug, work } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'fixtures/mini.json'), 'utf8')) as {
    readonly library: string;
    readonly debug: string;
    readonly work: number;
  };
  const unpacked = (text: string): Buffer => inflateSync(Buffer.from(text, 'base64'));
  const file = unpacked(library);
  const id = openBinary(new BufferSource(file)).buildId()!;
  const byId = `.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
  const sourceOf = (names: NativeNames): unknown => {
    const { function: name, source, line } = names.of(base + work, true).at(-1)!;
    return [name, source === null ? null : path.basename(source), line];
  };

  it('are those of the packed table in the file', () => {
    assert.deepEqual(sourceOf(namesOf(file)), ['work', null, 0]);
    const broken = Buffer.from(file);
    broken.fill(0, broken.indexOf(Buffer.from('fd377a585a00', 'hex')) + 12, broken.indexOf(Buffer.from('fd377a585a00', 'hex')) + 60);
    assert.deepEqual(sourceOf(namesOf(broken)), [`frames+0x${work.toString(16)}`, null, 0]);
  });

  it('and lines are those of the separate file, the process’s or one of ours', () => {
    const theirs = namesOf(file, { [`/usr/lib/debug/${byId}`]: unpacked(debug) });
    assert.deepEqual(sourceOf(theirs), ['work', 'places.c', 18]);
    const inner = theirs.of(base + work + 3, true);
    assert.deepEqual(
      inner.map(({ function: name, line, isInlined }) => [name, line, isInlined]),
      [
        ['sum', 13, true],
        ['work', 19, false],
      ],
    );
    const own = fs.mkdtempSync(path.join(os.tmpdir(), 'heatline-names-'));
    try {
      fs.mkdirSync(path.dirname(path.join(own, byId)), { recursive: true });
      fs.writeFileSync(path.join(own, byId), unpacked(debug));
      const names = namesOf(file, {}, [own]);
      assert.deepEqual(sourceOf(names), ['work', 'places.c', 18]);
      names.close();
    } finally {
      fs.rmSync(own, { recursive: true });
    }
  });
});

describe('openDebugFile', () => {
  /** One that says where its debug file is, as `objcopy --add-gnu-debuglink` lets it. */
  const binary = (name: string, checksum = crc32(elf)): ReturnType<typeof openBinary> =>
    Object.assign(Object.create(openBinary(new BufferSource(stripped()))) as ReturnType<typeof openBinary>, {
      buildId: () => null,
      debugLink: () => ({ name, checksum }),
    });

  it('finds it beside the file, in .debug, and in the system’s folder', () => {
    for (const folder of ['/opt/lib', '/opt/lib/.debug', '/usr/lib/debug/opt/lib'])
      assert.notEqual(
        openDebugFile(contextsWith({ [`${folder}/frames.debug`]: elf }), '/opt/lib/frames', binary('frames.debug'), []),
        null,
        folder,
      );
  });

  it('takes none of another build, and follows no path', () => {
    const files = contextsWith({ '/opt/lib/frames.debug': elf, '/opt/frames.debug': elf, '/opt/lib/../frames.debug': elf });
    assert.equal(openDebugFile(files, '/opt/lib/frames', binary('frames.debug', 1), []), null);
    assert.equal(openDebugFile(files, '/opt/lib/frames', binary('../frames.debug'), []), null);
    assert.equal(
      openDebugFile(contextsWith({ '/opt/lib/frames.debug': Buffer.from('text') }), '/opt/lib/frames', binary('frames.debug'), []),
      null,
    );
  });
});

describe('isInterpretersOwn', () => {
  it('is what each call of Python’s has, and not what C code does', () => {
    const own = [
      '_PyEval_EvalFrameDefault',
      'PyObject_Vectorcall',
      'cfunction_vectorcall_FASTCALL',
      'method_vectorcall',
      'pymain_run_python',
      'libpython3.12.so+0x1f0',
      '_start',
    ];
    const others = [
      'time_sleep',
      'list_sort',
      'builtin_sorted',
      'lock_PyThread_acquire_lock',
      'os_read',
      'method_dealloc',
      'sock_recv',
      'long_pow',
    ];
    for (const name of own) assert(isInterpretersOwn(name, true), name);
    for (const name of others) assert(!isInterpretersOwn(name, true), name);
    for (const name of ['PyArray_Sort', 'libz.so+0x10', 'main', 'poll']) assert(!isInterpretersOwn(name, false), name);
    for (const name of ['clone3', 'start_thread', '__libc_start_main', '__libc_start_call_main', '_start'])
      assert(isInterpretersOwn(name, false), name);
  });
});
