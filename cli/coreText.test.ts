import assert from 'node:assert/strict';
import { coreFailureText, coreTargetText, signalText } from './coreText.ts';

describe('the text of a core dump', () => {
  it('says which signal came, and why', () => {
    const signal = { number: 11, code: 1, address: '0x10', sender: null, threadId: 7 };
    assert.equal(signalText(signal, 7), 'SIGSEGV: nothing is mapped at 0x10');
    assert.equal(signalText({ ...signal, code: 2 }, 7), 'SIGSEGV: what is at 0x10 may not be used so');
    assert.equal(signalText({ ...signal, code: 4 }, 7), 'SIGSEGV at 0x10');
    assert.equal(signalText({ ...signal, number: 8 }, 7), 'SIGFPE: a division by zero at 0x10');
    assert.equal(signalText({ ...signal, number: 6, code: -6, address: null, sender: 7 }, 7), 'SIGABRT, which it sent itself');
    assert.equal(signalText({ ...signal, number: 3, code: 0, address: null, sender: 99 }, 7), 'SIGQUIT, which process 99 sent');
    // From another namespace, or not told.
    assert.equal(signalText({ ...signal, number: 3, code: 0, address: null, sender: 0 }, 7), 'SIGQUIT');
    assert.equal(signalText({ ...signal, number: 64, code: null, address: null }, 7), 'signal 64');
  });

  it('says why one can’t be read, and what to do', () => {
    const file = 'core.7';
    assert.match(coreFailureText({ code: 'packed', file, format: 'xz' }), /no xz\. Unpack it first: xz -dk core\.7$/);
    assert.match(coreFailureText({ code: 'packed', file, format: 'zstd' }), /22\.15 .*: zstd -d core\.7$/);
    assert.match(coreFailureText({ code: 'no-room', file, folder: '/tmp', limit: 5 }), /TMPDIR/);
    assert.equal(coreFailureText({ code: 'not-core', file, detail: 'it is no ELF file' }), 'core.7 is not a core dump: it is no ELF file.');
    const absent = { path: '/lib/a.so', why: 'absent', found: null } as const;
    const other = { path: '/lib/b.so', why: 'other-build', found: '/new/b.so' } as const;
    const text = coreFailureText({ code: 'missing-files', file, files: [absent, other] });
    assert.match(text, /\n {2}\/lib\/a\.so: not found\n {2}\/lib\/b\.so: \/new\/b\.so is another build of it\n.*--search FOLDER$/);
    assert.match(coreFailureText({ code: 'missing-files', file, files: Array.from({ length: 10 }, () => absent) }), /\n {2}… 2 more\n/);
    assert.equal(coreFailureText({ code: 'no-file', file, detail: 'ENOENT' }), "Can't open core.7: there is no such file.");
    const hostile = coreFailureText({ code: 'missing-files', file, files: [{ ...absent, path: '/\u001b[2J\n/x' }] });
    assert.doesNotMatch(hostile, /\u001b/);
    // There is no moment to try again in.
    assert.doesNotMatch(coreTargetText(file, { code: 'not-ready', pid: 7 }), /again/);
    assert.equal(coreTargetText(file, { code: 'not-python', pid: 7, executable: 'cat' }), 'core.7: Process 7 (cat) is not Python.');
  });
});
