import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rounds } from '../../profile/testing/fuzz.ts';
import { BufferSource } from '../binary/byteSource.ts';
import { SpanPlan } from '../memory/memory.ts';
import { CoreError, type CoreFailure } from './coreFailure.ts';
import { CoreFile } from './coreFile.ts';
import { CoreMemory } from './coreMemory.ts';
import { CoreProcess } from './coreProcess.ts';
import { type CoreContent, coreHead } from './testing/coreBytes.ts';

const page = 4096;

/** Of a program with a page of its own, a page of code that is left out, and one of which only the first half is dumped. */
const content: CoreContent = {
  pid: 70,
  parentPid: 1,
  name: 'python3',
  arguments: 'python3 app.py ',
  threads: [
    { id: 71, call: -1, result: 0, pthread: 0x7000 },
    { id: 70, call: 202, result: -512 },
    { id: 72, call: 0, result: -4 },
    { id: 73, call: 234, result: 0 },
  ],
  signal: { number: 11, code: 1, detail: 0xdead_beef_0000 },
  mappings: [
    { start: 0x40_0000, end: 0x40_1000, fileOffset: 0, path: '/usr/bin/python3' },
    { start: 0x40_1000, end: 0x40_3000, fileOffset: 3 * page, path: '/usr/bin/python3' },
    { start: 0x70_0000, end: 0x70_1000, fileOffset: 0, path: '/tmp/gone.so (deleted)' },
  ],
  parts: [
    { address: 0x50_0000, size: page, dumped: page, access: 'rw-' },
    { address: 0x40_0000, size: page, dumped: page / 2, access: 'r--' },
    { address: 0x40_1000, size: 2 * page, dumped: 0, access: 'r-x' },
    { address: 0x70_0000, size: page, dumped: 0, access: 'rw-' },
  ],
};

/** Bytes of a dump whose parts hold 1, 2, … each. */
function bytesOf(of: CoreContent): Buffer {
  return Buffer.concat([coreHead(of), ...of.parts.map(({ dumped }, i) => Buffer.alloc(dumped, i + 1))]);
}

function open(bytes: Buffer): CoreFile {
  return new CoreFile('core', new BufferSource(bytes));
}

function failureOf(action: () => unknown): CoreFailure | null {
  try {
    action();
  } catch (error) {
    if (error instanceof CoreError) return error.failure;
    throw error;
  }
  return null;
}

describe('CoreFile', () => {
  it('says whose dump it is, what its threads did, which signal came, and which files were mapped', () => {
    const { notes, cutOff } = open(bytesOf(content));
    const { threads, files, auxiliary, ...rest } = notes;
    assert.deepEqual(rest, {
      pid: 70,
      parentPid: 1,
      name: 'python3',
      commandLine: 'python3 app.py',
      signal: { number: 11, code: 1, address: '0xdeadbeef0000', sender: null, threadId: 71 },
    });
    assert.equal(auxiliary.length, 0);
    assert.equal(cutOff, 0);
    // A signal that a thread sends itself comes in a system call that does not wait.
    assert.deepEqual(
      threads.map(({ id, waits, pthread }) => [id, waits, pthread]),
      [
        [71, false, 0x7000],
        [70, true, 0],
        [72, true, 0],
        [73, false, 0],
      ],
    );
    assert.deepEqual(files, [
      {
        path: '/usr/bin/python3',
        deleted: false,
        device: '',
        inode: 0,
        mappings: [
          { start: 0x40_0000, end: 0x40_1000, fileOffset: 0, executable: false },
          { start: 0x40_1000, end: 0x40_3000, fileOffset: 3 * page, executable: true },
        ],
      },
      {
        path: '/tmp/gone.so',
        deleted: true,
        device: '',
        inode: 0,
        mappings: [{ start: 0x70_0000, end: 0x70_1000, fileOffset: 0, executable: false }],
      },
    ]);
  });

  it('knows signals that were sent, and that a debugger’s dump is for none', () => {
    const sent = open(bytesOf({ ...content, signal: { number: 6, code: -6, detail: 70 } })).notes.signal;
    assert.deepEqual(sent, { number: 6, code: -6, address: null, sender: 70, threadId: 71 });
    // gdb notes with what it stopped the program.
    assert.equal(open(bytesOf({ ...content, signal: { number: 19, code: 128, detail: 0 } })).notes.signal, null);
    const { pid, threads, parts } = content;
    assert.equal(open(bytesOf({ pid, threads, parts })).notes.signal, null);
  });

  it('reads the number of segments where there are very many', () => {
    const core = open(bytesOf({ ...content, manySegments: true }));
    assert.equal(core.segments.length, 4);
    assert.equal(core.notes.threads.length, 4);
  });

  it('refuses what is no core dump of a Linux program on x86-64', () => {
    const damaged = (detail: string): CoreFailure => ({ code: 'damaged', file: 'core', detail });
    assert.deepEqual(
      failureOf(() => open(Buffer.from('#!/bin/sh\n'))),
      { code: 'not-core', file: 'core', detail: 'it is no ELF file' },
    );
    assert.equal(failureOf(() => open(bytesOf({ ...content, type: 3 })))?.code, 'not-core');
    assert.deepEqual(
      failureOf(() => open(bytesOf({ ...content, machine: 183 }))),
      { code: 'other-processor', file: 'core' },
    );
    assert.deepEqual(
      failureOf(() => open(bytesOf({ ...content, threads: [] }))),
      damaged('it names no threads'),
    );
    assert.equal(failureOf(() => open(bytesOf(content).subarray(0, 100)))?.code, 'damaged');
  });

  it('says how much is missing of one that is cut off', () => {
    const bytes = bytesOf(content);
    const core = open(bytes.subarray(0, bytes.length - 1000));
    assert.equal(core.cutOff, 1000);
    assert.deepEqual(new CoreProcess(core, []).problems(), ['the dump is cut off: 1000 bytes are missing at its end']);
  });

  it('takes nothing that is damaged for more than it can be', () => {
    const bytes = bytesOf(content);
    const head = bytes.length - content.parts.reduce((sum, { dumped }) => sum + dumped, 0);
    const damage = fc.array(fc.tuple(fc.nat(head - 9), fc.constantFrom(0n, 1n, 0xffff_ffffn, 1n << 47n, (1n << 64n) - 1n)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, fc.nat(bytes.length), (changes, end) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged.writeBigUInt64LE(value, at);
        for (const one of [damaged, damaged.subarray(0, end)]) {
          try {
            const core = new CoreProcess(open(one), []);
            const { commandLine } = core.processFacts();
            assert(commandLine.length <= 4096);
            const memory = core.openMemory();
            for (const { mappings } of core.mappedFiles()) {
              for (const { start } of mappings) memory.read(start, Buffer.alloc(64), 0, 64);
            }
            core.close();
          } catch (error) {
            if (!(error instanceof CoreError)) throw error;
          }
        }
      }),
      { numRuns: rounds(300) },
    );
  });

  it('is an error, or says that its end is missing, wherever it is cut off', () => {
    const bytes = bytesOf(content);
    for (let end = 0; end < bytes.length; end += end < 3000 ? 1 : 500) {
      const cut = bytes.subarray(0, end);
      const failure = failureOf(() => open(cut));
      if (failure === null) assert.equal(open(cut).cutOff, bytes.length - end);
      else assert.equal(failure.code, end < 4 ? 'not-core' : 'damaged');
    }
  });
});

describe('CoreMemory', () => {
  const code = Buffer.alloc(8 * page, 0xcc);
  const leftOut = (address: number) => ({
    source: new BufferSource(code.subarray(0, 4 * page)),
    offset: 3 * page + address - 0x40_1000,
    end: 0x40_3000,
  });

  function readAll(memory: CoreMemory, address: number, length: number): number[] | null {
    const bytes = Buffer.alloc(length);
    return memory.read(address, bytes, 0, length) ? [...new Set(bytes)] : null;
  }

  it('has what is dumped, and what is in files that could not be written to', () => {
    const memory = new CoreMemory(open(bytesOf(content)), leftOut);
    assert.deepEqual(readAll(memory, 0x50_0000, page), [1]);
    assert.deepEqual(readAll(memory, 0x40_0000, page / 2), [2]);
    assert.deepEqual(readAll(memory, 0x40_1000, page), [0xcc]);
    // Behind the file's end, and where nothing was.
    assert.equal(readAll(memory, 0x40_2000, 8), null);
    assert.equal(readAll(memory, 0x50_1000, 8), null);
    assert.equal(readAll(memory, 0x50_0ffc, 8), null);
    // The program may have written to it.
    assert.equal(readAll(memory, 0x70_0000, 8), null);
    for (const address of [-8, 0.5, NaN, 2 ** 60]) assert.equal(readAll(memory, address, 8), null);
    assert.equal(readAll(new CoreMemory(open(bytesOf(content)), null), 0x40_1000, 8), null);
  });

  it('reads spans one after the other up to one that is not there', () => {
    const memory = new CoreMemory(open(bytesOf(content)), leftOut);
    const plan = new SpanPlan();
    plan.add(0x50_0ff8, 8);
    plan.add(0x40_0000, 8);
    plan.add(0x60_0000, 8);
    plan.add(0x50_0000, 8);
    const bytes = Buffer.alloc(plan.totalLength);
    assert.equal(memory.readSpans(plan, bytes), 16);
    assert.equal(bytes.toString('hex', 0, 16), '01'.repeat(8) + '02'.repeat(8));
  });

  it('has nothing that the end of a dump lacks', () => {
    const bytes = bytesOf(content);
    const memory = new CoreMemory(open(bytes.subarray(0, bytes.length - 16)), leftOut);
    assert.equal(readAll(memory, 0x40_0000 + page / 2 - 16, 8), null);
    assert.deepEqual(readAll(memory, 0x40_0000 + page / 2 - 24, 8), [2]);
  });
});

describe('the command line in a core dump', () => {
  /** A stack as the kernel makes it: count, pointers, and the texts. */
  function stack(words: readonly string[], environment: readonly string[]): { bytes: Buffer; auxiliary: Buffer; address: number } {
    const address = 0x7fff_0000_0000;
    const pointers = 1 + words.length + 1 + environment.length + 1;
    const textsAt = address + 8 * pointers + 32;
    const texts = [...words, ...environment];
    const places = texts.map((_, i) => textsAt + texts.slice(0, i).reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0));
    const executed = textsAt + texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
    const auxiliary = Buffer.alloc(32);
    auxiliary.writeBigUInt64LE(31n, 0);
    auxiliary.writeBigUInt64LE(BigInt(executed), 8);
    const numbers = [words.length, ...places.slice(0, words.length), 0, ...places.slice(words.length), 0];
    const head = Buffer.alloc(8 * numbers.length);
    for (const [i, number] of numbers.entries()) head.writeBigUInt64LE(BigInt(number), 8 * i);
    const bytes = Buffer.concat([head, auxiliary, Buffer.from(texts.map((text) => `${text}\0`).join('') + '/usr/bin/python3\0')]);
    return { bytes, auxiliary, address };
  }

  function commandLineIn({ bytes, auxiliary, address }: ReturnType<typeof stack>, damage?: (bytes: Buffer) => void): string[] {
    const all: CoreContent = { ...content, auxiliary, parts: [{ address, size: bytes.length, dumped: bytes.length, access: 'rw-' }] };
    const memory = Buffer.from(bytes);
    damage?.(memory);
    return [...new CoreProcess(open(Buffer.concat([coreHead(all), memory])), []).processFacts().commandLine];
  }

  it('is whole, as the kernel put it on the stack', () => {
    const words = ['python3', '-c', 'print("ü")', '', 'x'.repeat(200)];
    assert.deepEqual(commandLineIn(stack(words, ['A=1', 'B='])), words);
    assert.deepEqual(commandLineIn(stack(['one'], [])), ['one']);
  });

  it('is its beginning that the notes have, where the stack makes no sense', () => {
    const beginning = ['python3', 'app.py'];
    assert.deepEqual(
      commandLineIn(stack(['one', 'two'], ['A=1']), (bytes) => bytes.fill(0, 0, 16)),
      beginning,
    );
    assert.deepEqual(
      commandLineIn(stack(['one', 'two'], ['A=1']), (bytes) => bytes.fill(0xff)),
      beginning,
    );
    assert.deepEqual([...new CoreProcess(open(bytesOf(content)), []).processFacts().commandLine], beginning);
  });
});
