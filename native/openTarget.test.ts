import assert from 'node:assert/strict';
import { BufferSource } from './binary/byteSource.ts';
import { buildElf } from './binary/elfFixture.ts';
import { debugOffsetsLength } from './cpython/debugOffsets.ts';
import type { EngineFailure } from './engine.ts';
import { RecordedMemory } from './memory/recorded.ts';
import { openTarget } from './openTarget.ts';
import type { MappedFile, System } from './os/system.ts';
import { asProcess, recordings } from './sampler/testing/recordedTarget.ts';
import { TargetError } from './targetError.ts';

const pid = 4711;
/** Where the fixture's binary is loaded; its `.PyRuntime` lies at 0x5000, its Py_Version at 0x5ff8. */
const base = 0x10_0000;
const runtime = 0x5000;
const versionAt = 0x5ff8;
/** And two static types. */
const codeTypeAt = 0x3000;
const typeTypeAt = 0x3800;

let binaries = 0;

/**
 * A system with one process that runs a Python of this version, with these bytes at `_PyRuntime`.
 * @param path file name of the binary, which tells the version where `Py_Version` doesn't (before 3.11)
 * @param typesHead bytes in front of each object; undefined: the binary names no type
 */
function systemWith(versionHex: number, bytesAtRuntime: Uint8Array, path = '/usr/bin/python', typesHead?: number): System {
  const isOld = versionHex < 0x030b0000;
  const types = typesHead === undefined ? {} : { PyCode_Type: codeTypeAt, PyType_Type: typeTypeAt };
  const elf = buildElf({ dynamic: { _PyRuntime: runtime, ...(isOld ? {} : { Py_Version: versionAt }), ...types }, hash: 'gnu' });
  const memory = new RecordedMemory();
  if (typesHead !== undefined) {
    // Behind the head: reference count, type.
    const object = Buffer.alloc(64);
    object.writeBigUInt64LE(1n, typesHead);
    object.writeBigUInt64LE(BigInt(base + typeTypeAt), typesHead + 8);
    memory.put(base + codeTypeAt, object);
  }
  memory.put(base + runtime, bytesAtRuntime);
  const version = new Uint8Array(8);
  new DataView(version.buffer).setUint32(0, versionHex, true);
  memory.put(base + versionAt, version);
  const file: MappedFile = {
    path,
    deleted: false,
    device: '0:1',
    inode: 1,
    mappings: [{ start: base, end: base + 0x6000, fileOffset: 0, executable: true }],
  };
  const key = `fixture ${binaries++}`;
  const system: Partial<System> = {
    pageSize: 4096,
    longSize: 8,
    execution: () => ({ startTime: 1, executable: file.path, file: '1', stackStart: 1, stackIsDrawn: false }),
    openMemory: () => asProcess(memory),
    openThreadStates: () => ({
      track: () => 0,
      untrack: () => undefined,
      look: () => 0,
      cpuTime: () => -1,
      processTime: () => -1,
      stoodStill: () => false,
      readyOn: () => -1,
      hasRun: () => false,
      isGone: () => false,
      close: () => undefined,
    }),
    mappedFiles: () => [file],
    openMappedFile: () => ({ source: new BufferSource(elf), key }),
    threadIds: () => [],
    openNamespaceIds: () => null,
  };
  return system as System;
}

function tableOf(minor: number): Buffer {
  const recording = recordings.find(({ version }) => version.startsWith(`3.${minor}.`))!;
  const bytes = Buffer.alloc(debugOffsetsLength);
  assert(RecordedMemory.fromText(recording.memory).read(recording.runtimeAddress, bytes, 0, bytes.length));
  return bytes;
}

/** The table of another version, as this one's. */
function tableFor(versionHex: number, minor: number): Buffer {
  const bytes = tableOf(minor);
  bytes.writeUInt32LE(versionHex, 8);
  return bytes;
}

function failureOf(system: System): EngineFailure {
  try {
    openTarget(system, pid).close();
  } catch (error) {
    if (error instanceof TargetError) return error.failure;
    throw error;
  }
  throw new assert.AssertionError({ message: 'It was opened' });
}

describe('opening a target', () => {
  const zeros = new Uint8Array(4096);

  it('takes each version whose layout is known', () => {
    for (const [text, hex] of [
      ['3.7.2', 0x030702f0],
      ['3.8.18', 0x030812f0],
      ['3.9.18', 0x030912f0],
      ['3.10.13', 0x030a0df0],
    ] as const) {
      const target = openTarget(systemWith(hex, zeros, `/usr/lib/libpython${text.replace(/\.\d+$/, '')}.so`), pid);
      assert.equal(target.layout.frames, 'heap', text);
      target.close();
    }
    for (const hex of [0x030b07f0, 0x030c01f0]) {
      const target = openTarget(systemWith(hex, zeros), pid);
      assert.equal(target.layout.frames, 'data-stack');
      target.close();
    }
    for (const minor of [13, 14, 15]) {
      const hex = 0x030000f0 | (minor << 16);
      const target = openTarget(systemWith(hex, tableFor(hex, minor)), pid);
      assert.equal(target.layout.minor, minor);
      target.close();
    }
  });

  it('refuses versions that nobody runs any more, and says which it is', () => {
    assert.deepEqual(failureOf(systemWith(0, zeros, '/usr/lib/libpython3.2.so.1.0')), {
      code: 'unsupported-version', pid, version: '3.2', detail: 'Heatline reads CPython 2.7 and 3.3 and newer.',
    }); // prettier-ignore
    assert.deepEqual(failureOf(systemWith(0, zeros, '/usr/lib/libpython2.6.so.1.0')), {
      code: 'unsupported-version', pid, version: '2.6', detail: 'Heatline reads CPython 2.7 and 3.3 and newer.',
    }); // prettier-ignore
  });

  describe('a build that traces references', () => {
    const python38 = '/usr/lib/libpython3.8.so';

    it('is taken for one by its types alone', () => {
      for (const [hex, path] of [
        [0x030812f0, python38],
        [0x030b07f0, undefined],
        [0x030c01f0, undefined],
      ] as const) {
        for (const head of [0, 16]) {
          const target = openTarget(systemWith(hex, zeros, path, head), pid);
          assert.equal(target.layout.object.type, 8 + head);
          target.close();
        }
      }
    });

    it('has more in front of each object, and nothing else is moved', () => {
      const [plain, traced] = [0, 16].map((head) => openTarget(systemWith(0x030b07f0, zeros, undefined, head), pid).layout);
      assert(plain?.frames === 'data-stack' && traced?.frames === 'data-stack');
      const { code, tuple, generator, frameObject, object, bytes, unicode, ...others } = plain;
      for (const name of ['code', 'tuple', 'generator', 'frameObject', 'object', 'bytes', 'unicode'] as const) {
        const moved = Object.fromEntries(
          Object.entries({ code, tuple, generator, frameObject, object, bytes, unicode }[name]).map(([key, at]) => [
            key,
            (at as number) + (key === 'kindBit' ? 0 : 16), // a bit, and no offset
          ]),
        );
        assert.deepEqual(traced[name], moved, name);
      }
      for (const name of Object.keys(others) as (keyof typeof others)[]) assert.deepEqual(traced[name], plain[name], name);
    });

    it('has them in front of frames and code objects to 3.10, too, whose encodings stay what they are', () => {
      const [plain, traced] = [0, 16].map((head) => openTarget(systemWith(0x030812f0, zeros, python38, head), pid).layout);
      assert(plain?.frames === 'heap' && traced?.frames === 'heap');
      assert.deepEqual(traced.frame, {
        ...plain.frame,
        referenceCount: 16,
        back: 40,
        code: 48,
        lastInstruction: 120,
        line: 124,
        state: 132,
      });
      assert.equal(traced.code.firstLine, plain.code.firstLine + 16);
      for (const name of ['lineEncoding', 'positionUnit', 'instructionUnit'] as const) assert.equal(traced.code[name], plain.code[name]);
    });

    it('is refused to 3.7, where it is a debug build', () => {
      const failure = failureOf(systemWith(0x030710f0, zeros, '/usr/lib/libpython3.7.so', 16));
      assert(failure.code === 'unsupported-version');
      assert.match(failure.detail, /debug build/);
    });
  });

  it('refuses pre-releases of versions without a table of their own', () => {
    const failure = failureOf(systemWith(0x030c00b4, zeros));
    assert(failure.code === 'unsupported-version');
    assert.equal(failure.version, '3.12.0b4');
    assert.match(failure.detail, /pre-release/);
  });

  it('takes a pre-release whose own table makes sense, without relying on opcodes that may have moved', () => {
    const hex = 0x030f00a3;
    const target = openTarget(systemWith(hex, tableFor(hex, 15)), pid);
    assert.equal(target.pythonVersion, '3.15.0a3');
    assert(target.opcodes.kinds.every((kind) => kind === 0));
    target.close();
  });

  it('refuses a pre-release whose table lacks a field, and says why', () => {
    const hex = 0x030f00a3;
    const table = tableFor(hex, 15);
    table.copyWithin(232, 240); // thread_state.last_profiled_frame_seq, which came with 3.15.0b4
    const failure = failureOf(systemWith(hex, table));
    assert(failure.code === 'unsupported-version');
    assert.match(failure.detail, /^Python 3\.15\.0a3 is a pre-release, and its memory is laid out otherwise than the final release’s \(/);
  });

  it('takes a newer version whose table reads like the newest known', () => {
    const hex = 0x031001f0;
    const target = openTarget(systemWith(hex, tableFor(hex, 15)), pid);
    assert.equal(target.pythonVersion, '3.16.1');
    assert.equal(target.layout.minor, 16);
    assert(target.opcodes.kinds.every((kind) => kind === 0));
    target.close();
  });

  it('refuses a newer version whose table does not, and says why', () => {
    const hex = 0x031001f0;
    const failure = failureOf(systemWith(hex, tableFor(hex, 14)));
    assert(failure.code === 'unsupported-version');
    assert.equal(failure.version, '3.16.1');
    assert.match(failure.detail, /^Python 3\.16\.1 is newer than this Heatline, and its memory is laid out otherwise than 3\.15’s \(/);
  });

  it('finds what lies at _PyRuntime unreadable when it is another version’s table, or none', () => {
    assert.equal(failureOf(systemWith(0x030f02f0, tableFor(0x030e02f0, 15))).code, 'unreadable');
    assert.equal(failureOf(systemWith(0x030f02f0, zeros)).code, 'unreadable');
    assert.equal(failureOf(systemWith(0x030c01f0, tableFor(0x030c01f0, 15))).code, 'unreadable');
  });
});
