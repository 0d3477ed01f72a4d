import assert from 'node:assert/strict';
import { isVersion, minorVersion, versionInPaths, versionText } from './version.ts';

describe('versions', () => {
  it('are spelled as Python does', () => {
    assert.equal(versionText(0x030c01f0), '3.12.1');
    assert.equal(versionText(0x030e00c2), '3.14.0rc2');
    assert.equal(versionText(0x030f00b4), '3.15.0b4');
    assert.equal(versionText(0x030f00a1), '3.15.0a1');
    assert.equal(minorVersion(0x030f00b4), 15);
  });

  it('are told from other numbers', () => {
    assert.ok(isVersion(0x030b07f0));
    assert.ok(isVersion(0x020712f0));
    for (const hex of [0, 0x010602f0, 0x040000f0, 0x030b0700, 0x030b0790, 0xffffffff]) assert.ok(!isVersion(hex), hex.toString(16));
  });

  it('are found in paths', () => {
    assert.equal(versionInPaths(['/lib/libc.so.6', '/usr/lib/libpython3.8.so.1.0']), '3.8');
    assert.equal(versionInPaths(['/root/.pyenv/versions/2.7.18/lib/libpython2.7.so.1.0']), '2.7');
    assert.equal(versionInPaths(['/usr/bin/python3.10']), '3.10');
    assert.equal(versionInPaths(['/usr/bin/python3', '/opt/python3.1234']), null);
  });
});
