import assert from 'node:assert/strict';
import { type AccessFacts, accessFacts, type Credentials, diagnose, parseCredentials } from './access.ts';

const ptrace = 1n << 19n;
const all = (1n << 41n) - 1n;
const of = (id: number, capabilities = 0n): Credentials => ({
  userIds: [id, id, id],
  groupIds: [id, id, id],
  permitted: capabilities,
  effective: capabilities,
});
const facts = (changes: Partial<AccessFacts>): AccessFacts => ({
  own: of(1000),
  target: of(1000),
  dumpable: true,
  sameUserNamespace: true,
  ptraceScope: 0,
  ...changes,
});

describe('diagnose', () => {
  it('names what the kernel checks first', () => {
    assert.equal(diagnose(facts({ target: of(1001) })), 'other-user');
    assert.equal(diagnose(facts({ target: of(0, all), ptraceScope: 1 })), 'other-user');
    assert.equal(diagnose(facts({ target: { ...of(1000), userIds: [1000, 0, 0] } })), 'other-user');
    assert.equal(diagnose(facts({ ptraceScope: 1 })), 'ptrace-scope');
    assert.equal(diagnose(facts({ ptraceScope: 2 })), 'ptrace-scope-root');
    assert.equal(diagnose(facts({ ptraceScope: 3, own: of(0, all) })), 'ptrace-scope-nobody');
    assert.equal(diagnose(facts({ dumpable: false, ptraceScope: 1 })), 'not-dumpable');
    assert.equal(diagnose(facts({ target: { ...of(1000), permitted: 1n << 10n } })), 'missing-capability');
    assert.equal(diagnose(facts({ target: null })), 'hidden');
    assert.equal(diagnose(facts({})), 'unknown');
  });

  it('sends nobody to root who has its rights', () => {
    assert.equal(diagnose(facts({ own: of(0, all), target: of(0) })), 'even-root');
    assert.equal(diagnose(facts({ own: of(1000, ptrace), target: of(1001) })), 'even-root');
  });

  it('tells root without its rights, as in a container, from a plain user', () => {
    assert.equal(diagnose(facts({ own: of(0, all & ~ptrace), target: of(1000) })), 'missing-capability');
    assert.equal(diagnose(facts({ own: of(0, all & ~ptrace), target: of(0, all & ~ptrace) })), 'missing-capability');
    assert.equal(diagnose(facts({ own: of(0, all), target: of(0), sameUserNamespace: false })), 'missing-capability');
  });
});

describe('parseCredentials', () => {
  it('reads a status file', () => {
    const status = 'Name:\tUid:\t9\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t6\t7\t8\nCapPrm:\t0000000000080000\nCapEff:\t000001ffffffffff\n';
    assert.deepEqual(parseCredentials(status), { userIds: [1000, 1001, 1002], groupIds: [5, 6, 7], permitted: ptrace, effective: all });
  });

  it('is null for anything else', () => {
    assert.equal(parseCredentials(''), null);
    assert.equal(parseCredentials('Uid:\tx'), null);
  });
});

describe('accessFacts', () => {
  it('are those of the kernel for ourselves', function () {
    if (process.platform !== 'linux') this.skip();
    const { own, target, dumpable, sameUserNamespace } = accessFacts(process.pid);
    assert.deepEqual(target, own);
    assert.equal(own.userIds[0], process.getuid!());
    assert.ok(dumpable && sameUserNamespace);
  });
});
