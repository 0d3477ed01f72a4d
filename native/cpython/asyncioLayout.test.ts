import assert from 'node:assert/strict';
import type { Memory } from '../memory/memory.ts';
import type { MappedFile, System } from '../os/system.ts';
import { findAsyncio } from './asyncioLayout.ts';
import type { Layout } from './layout.ts';

const start = 0x7f0000000000;
const interpreterSize = 250_000;
/** Of 3.14.10. */
const words = [184, 128, 88, 148, 149, 120, 168, interpreterSize, 7_736, 864, 824, 832, 840];

/** Bytes at `start`; reads beyond them fail. */
function memoryOf(bytes: Buffer): Memory {
  return {
    read(address, target, offset, length) {
      const at = address - start;
      if (at < 0 || at + length > bytes.length) return false;
      target.set(bytes.subarray(at, at + length), offset);
      return true;
    },
    readSpans: () => 0,
    close: () => undefined,
  };
}

function tableBytes(values: readonly number[] = words): Buffer {
  const bytes = Buffer.alloc(104);
  values.forEach((value, i) => bytes.writeBigUInt64LE(BigInt(value), 8 * i));
  return bytes;
}

/** Of a system that has only this file, which can't be opened. */
function systemOf(
  length: number,
  file = '/usr/lib/python3.14/lib-dynload/_asyncio.so',
  executable = false,
): { system: Pick<System, 'mappedFiles' | 'openMappedFile' | 'pageSize'>; opened: () => number } {
  let opened = 0;
  const mapped: MappedFile = {
    path: file,
    deleted: true,
    device: '8:1',
    inode: 5,
    mappings: [{ start, end: start + length, fileOffset: 0, executable }],
  };
  return { system: { pageSize: 4096, mappedFiles: () => [mapped], openMappedFile: () => (opened++, null) }, opened: () => opened };
}

const layout = { major: 3, minor: 14, object: { type: 8 }, interpreter: { size: interpreterSize } } as unknown as Layout; // what is looked at

describe('the table of offsets of _asyncio, where its file can’t be opened', () => {
  const find = (bytes: Buffer, more: { readonly layout?: Layout; readonly executable?: boolean; readonly file?: string } = {}): unknown =>
    findAsyncio(systemOf(bytes.length, more.file, more.executable).system, memoryOf(bytes), 7, more.layout ?? layout);

  it('is found in memory, wherever it lies', () => {
    for (const at of [0, 8, 4096, 262_144 - 104, 262_144 - 56, 262_144, 600_000]) {
      const bytes = Buffer.alloc(700_000);
      tableBytes().copy(bytes, at);
      const found = find(bytes) as { layout: { task: { coroutine: number }; tables: { threadState: { runningTask: number } } } };
      assert.deepEqual([found.layout.task.coroutine, found.layout.tables.threadState.runningTask], [120, 832], `at ${at}`);
    }
  });

  it('is not taken for what only looks like it', () => {
    const bytes = Buffer.alloc(300_000);
    bytes.writeUInt32LE(interpreterSize, 60); // alone
    tableBytes(words.with(0, 1 << 20)).copy(bytes, 1000 - (1000 % 8));
    tableBytes(words.with(5, 96)).copy(bytes, 4000);
    tableBytes().copy(bytes, 8001); // not aligned
    tableBytes(words.with(7, interpreterSize + 8)).copy(bytes, 16_000); // another build's
    assert.deepEqual(find(bytes), { layout: null });
    tableBytes().copy(bytes, 20_000);
    assert.notDeepEqual(find(bytes), { layout: null });
    // Neither in code, nor in files of other names, nor without knowing what to look for.
    assert.deepEqual(find(bytes, { executable: true }), { layout: null });
    assert.deepEqual(find(bytes, { file: '/usr/lib/libssl.so' }), { layout: null });
    assert.deepEqual(find(bytes, { layout: { ...layout, interpreter: {} } as unknown as Layout }), { layout: null });
  });

  it('is searched once where it is not', () => {
    const { system, opened } = systemOf(8192);
    let reads = 0;
    const memory = memoryOf(Buffer.alloc(8192));
    const counting: Memory = { ...memory, read: (...all) => (reads++, memory.read(...all)) };
    const searched = new Set<string>();
    for (let i = 0; i < 3; i++) assert.deepEqual(findAsyncio(system, counting, 7, layout, searched), { layout: null });
    assert.deepEqual([opened(), reads], [3, 1]);
  });

  it('is looked for in memory that can’t be read, and of any size, without end', () => {
    const { system } = systemOf(2 ** 40);
    assert.deepEqual(findAsyncio(system, memoryOf(Buffer.alloc(10)), 7, layout), { layout: null });
  });
});
