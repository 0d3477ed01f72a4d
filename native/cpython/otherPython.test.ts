import assert from 'node:assert/strict';
import type { MappedFile, System } from '../os/system.ts';
import { otherPython } from './otherPython.ts';

/** A process with files of these names, of which the first begins with some bytes. */
function kindOf(paths: readonly string[], { head = [0x7f, 0x45, 0x4c, 0x46, 2], commandLine = [] as string[] } = {}): string | null {
  const files = paths.map((path): MappedFile => ({ path, deleted: false, device: '0:1', inode: 1, mappings: [] }));
  const source = {
    size: head.length,
    read: (offset: number, length: number) => Buffer.from(head).subarray(offset, offset + length),
    close: () => undefined,
  };
  const system = { processFacts: () => ({ commandLine }), openMappedFile: () => ({ source, key: '' }) };
  return otherPython(system as unknown as System, 1, files);
}

describe('A process without CPython', () => {
  it('is told to be another Python by the names of its files', () => {
    assert.equal(kindOf(['/usr/bin/pypy3.11', '/usr/lib/libpypy3.11-c.so']), 'PyPy');
    assert.equal(kindOf(['/opt/x/python', '/opt/x/bin/libpypy3.10-c.so']), 'PyPy');
    assert.equal(kindOf(['/opt/graalpy/bin/graalpy']), 'GraalPy');
    assert.equal(
      kindOf(['/usr/bin/java'], { commandLine: ['java', '-cp', '/a/b.jar:/opt/jython-standalone-2.7.4.jar', 'org.python.util.jython'] }),
      'Jython',
    );
    assert.equal(kindOf(['/usr/bin/dotnet', '/opt/ipy/IronPython.dll']), 'IronPython');
    assert.equal(kindOf(['/usr/bin/micropython']), 'MicroPython');
  });

  it('is told to have 32 bits where it is called Python', () => {
    const head = [0x7f, 0x45, 0x4c, 0x46, 1];
    assert.equal(kindOf(['/usr/bin/python3.11', '/lib/libc.so.6'], { head }), '32-bit');
    assert.equal(kindOf(['/opt/app', '/usr/lib/libpython3.9.so.1.0'], { head }), '32-bit');
    assert.equal(kindOf(['/opt/app', '/lib/libc.so.6'], { head }), null);
    assert.equal(kindOf(['/usr/bin/python3.11']), null);
    assert.equal(kindOf(['/bin/sh'], { commandLine: ['sh', '-c', 'python x.py'] }), null);
  });
});
