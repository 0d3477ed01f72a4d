import assert from 'node:assert/strict';
import fc from 'fast-check';
import { numericNames, parseMaps, parseStat, readProcFile, readStat } from './procFiles.ts';

describe('parseStat', () => {
  const rest = 'S 7 8 9 34816 1 4194560 100 0 0 0 12 34 0 0 20 0 3 0 987654 22000000 2500 18446744073709551615 1 2 140720000000000 0';

  it('reads the fields behind the name', () => {
    assert.deepEqual(parseStat(`42 (python3) ${rest}`), {
      comm: 'python3',
      state: 'S',
      parentPid: 7,
      group: 8,
      isKernelThread: false,
      startTicks: 987654,
      virtualSize: 22000000,
      stackStart: 140720000000000,
    });
  });

  it('tells threads of the kernel by their flags', () => {
    assert.equal(
      parseStat('2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 18446744073709551615 0 0 0')?.isKernelThread,
      true,
    );
  });

  it('is not fooled by names that look like fields', () => {
    assert.equal(parseStat(`42 (a) R 1 (b) ${rest}`)?.state, 'S');
    assert.equal(parseStat(`42 (a) R 1 (b) ${rest}`)?.comm, 'a) R 1 (b');
    assert.equal(parseStat(`42 (() ${rest}`)?.parentPid, 7);
    assert.equal(parseStat(`42 (x\ny) ${rest}`)?.parentPid, 7);
  });

  it('is null for anything else', () => {
    for (const text of ['', '42', '42 (x', '42 (x)', '42 (x) S', ')( S 1 2 3', '42 (x) S a b c']) assert.equal(parseStat(text), null);
    fc.assert(fc.property(fc.string(), (text) => parseStat(text) === null || text.includes(')')));
  });

  it('reads our own', function () {
    if (process.platform !== 'linux') this.skip();
    const stat = readStat(process.pid);
    assert.equal(stat?.parentPid, process.ppid);
    assert.ok(stat.stackStart > 2 ** 32);
  });
});

describe('parseMaps', () => {
  it('collects the mappings of each file', () => {
    const files = parseMaps(
      [
        '00400000-00401000 r--p 00000000 fe:00 17 /usr/bin/my python',
        '00401000-00402000 r-xp 00001000 fe:00 17 /usr/bin/my python',
        '01000000-02000000 rw-p 00000000 00:00 0                          [heap]',
        '7f0000000000-7f0000001000 r--p 00000000 fe:00 18                         /lib/libpython3.12.so.1.0 (deleted)',
        '7f0000001000-7f0000002000 rw-p 00000000 00:00 0 ',
        '7f0000002000-7f0000003000 rw-s 00000000 00:01 2049                       /memfd:code (deleted)',
        '7f0000003000-7f0000004000 rw-s 00000000 00:05 0                          /dev/zero',
        '7f0000004000-7f0000005000 r--p 00000000 fe:00 19 /tmp/line\\012feed',
        'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
        'garbage /x',
      ].join('\n'),
    );
    assert.deepEqual(
      files.map(({ path, deleted, inode, mappings }) => [path, deleted, inode, mappings.length]),
      [
        ['/usr/bin/my python', false, 17, 2],
        ['/lib/libpython3.12.so.1.0', true, 18, 1],
        ['/memfd:code', true, 2049, 1],
        ['/tmp/line\nfeed', false, 19, 1],
      ],
    );
    assert.deepEqual(files[0]!.mappings[1], { start: 0x401000, end: 0x402000, fileOffset: 0x1000, executable: true });
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseMaps(text))));
  });
});

describe('readProcFile', () => {
  it('stops at the limit, and says what failed', function () {
    if (process.platform !== 'linux') this.skip();
    assert.equal(readProcFile('/proc/self/maps', 100)?.length, 100);
    const failure = { code: '' };
    assert.equal(readProcFile('/proc/self/no-such-file', 100, failure), null);
    assert.equal(failure.code, 'ENOENT');
  });
});

describe('numericNames', () => {
  it('leaves out what is no id', () => {
    assert.deepEqual(numericNames(['1', 'self', '4321', 'sys', '.', 'thread-self']), [1, 4321]);
  });
});
