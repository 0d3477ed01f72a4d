import assert from 'node:assert/strict';
import { localPath } from './localPath.ts';

describe('localPath', () => {
  it('is absolute, or joined to a directory that is', () => {
    assert.equal(localPath('/a/b.py', null, 'linux'), '/a/b.py');
    assert.equal(localPath('b.py', '/a', 'linux'), '/a/b.py');
    assert.equal(localPath('C:\\a\\b.py', null, 'win32'), 'C:\\a\\b.py');
    assert.equal(localPath('c:/a/b.py', 'D:\\', 'win32'), 'c:\\a\\b.py');
    assert.equal(localPath('pkg\\b.py', 'C:\\a', 'win32'), 'C:\\a\\pkg\\b.py');
    assert.equal(localPath('../b.py', 'C:/a', 'win32'), 'C:\\b.py');
  });

  it('is none where nothing is meant, or something of another system', () => {
    for (const [name, directory] of [
      ['b.py', null],
      ['b.py', 'a'],
      ['C:\\b.py', '/a'],
      ['b\0.py', '/a'],
      ['b.py', '/a\0'],
    ] as const)
      assert.equal(localPath(name, directory, 'linux'), undefined, name);
    for (const [name, directory] of [
      ['b.py', null],
      ['b.py', 'a'],
      ['b.py', 'C:a'],
      ['C:b.py', 'C:\\a'],
      ['/app/b.py', 'C:\\a'],
      ['b.py', '/app'],
    ] as const)
      assert.equal(localPath(name, directory, 'win32'), undefined, name);
  });

  it('never leads to another machine', () => {
    const hosts = [
      '\\\\host\\share',
      '//host/share',
      '\\/host/share',
      '/\\host\\share',
      '\\\\host',
      '\\\\?\\UNC\\host\\share',
      '\\\\?\\C:\\a',
      '//?/UNC/host/share',
      '\\\\.\\UNC\\host\\share',
      '\\\\.\\pipe\\a',
      '\\??\\UNC\\host\\share',
      '/??/UNC/host/share',
      '\\\\host@SSL@443\\DavWWWRoot',
      'C:\\??\\UNC\\host\\share',
      '\\Device\\Mup\\host\\share',
      '\\\\\\host\\share',
    ];
    for (const host of hosts) {
      for (const path of [
        localPath(`${host}\\app.py`, null, 'win32'),
        localPath(`${host}\\app.py`, 'C:\\a', 'win32'),
        localPath('app.py', host, 'win32'),
        localPath('..\\..\\app.py', `${host}\\a\\b`, 'win32'),
      ]) {
        assert.equal(path, undefined, host);
      }
    }
    // Slashes in the middle are one.
    assert.equal(localPath('\\\\host\\share\\app.py'.slice(1), 'C:\\', 'win32'), undefined);
    assert.equal(localPath('..\\\\host\\share\\app.py', 'C:\\', 'win32'), 'C:\\host\\share\\app.py');
  });
});
