import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HistoryEntry, HistoryStore } from './historyStore.ts';

describe('the history of profiles', () => {
  let folder: string;
  let maxBytes: number;
  let store: HistoryStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heatline-history-'));
    maxBytes = 1000;
    store = new HistoryStore({ folder, maxBytes: () => maxBytes, log: (message) => assert.fail(message) });
  });
  afterEach(() => {
    store.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const entry = (startedAt: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
    id: `run-${startedAt}`,
    name: `app.py ${startedAt}`,
    isRenamed: false,
    isPinned: false,
    program: '/w/app.py',
    startedAt,
    elapsed: 2_000_000,
    samples: 2000,
    hottest: { name: 'work', share: 0.75 },
    file: `app-${startedAt}.heatline.json.gz`,
    ...more,
  });
  const add = (startedAt: number, size = 100): Promise<void> => store.add(entry(startedAt), new Uint8Array(size));
  const names = async (): Promise<string[]> => (await store.list()).map(({ name }) => name);

  it('has the latest first, pinned ones before all', async () => {
    await add(1);
    await add(3);
    await add(2);
    assert.deepEqual((await store.list())[0], entry(3));
    await store.change(entry(1), { isPinned: true });
    assert.deepEqual(await names(), ['app.py 1', 'app.py 3', 'app.py 2']);
  });

  it('is the same for each window, which hears of changes', async () => {
    await add(1);
    const other = new HistoryStore({ folder, maxBytes: () => maxBytes, log: () => undefined });
    const changed = new Promise<void>(
      (resolve) => void other.watch(resolve).then(() => store.change(entry(1), { name: 'before the change' })),
    );
    await changed;
    other.dispose();
    assert.deepEqual(await names(), ['before the change']);
    assert.equal((await store.list())[0]!.isRenamed, true);
  });

  it('deletes the oldest where there is no room, never what is pinned', async () => {
    await add(1, 400);
    await add(2, 400);
    await store.change(entry(1), { isPinned: true });
    await add(3, 400);
    await add(4, 400);
    assert.deepEqual(await names(), ['app.py 1', 'app.py 4', 'app.py 3']);
    assert.equal(readdirSync(folder).length, 6);
    maxBytes = 500;
    await store.makeRoom();
    assert.deepEqual(await names(), ['app.py 1', 'app.py 4']);
  });

  it('keeps nothing that has no room by itself', async () => {
    await add(1, 500);
    await add(2, 1001);
    maxBytes = 0;
    await add(3, 1);
    assert.deepEqual(await names(), ['app.py 1']);
  });

  it('deletes a profile with its facts', async () => {
    await add(1);
    await store.delete(entry(1));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is nobody else’s to read', async () => {
    await add(1);
    for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  });

  it('takes no notice of what is damaged, or names files elsewhere', async () => {
    await add(1);
    for (const [at, content] of [
      '{',
      '[]',
      JSON.stringify(entry(0, { id: 'bad-2', file: '../../secret.gz' })),
      JSON.stringify(entry(0, { id: 'bad-3', startedAt: -1 })),
      JSON.stringify(entry(0, { id: 'other' })),
      ' '.repeat(100_000),
    ].entries())
      writeFileSync(join(folder, `bad-${at}.facts.json`), content);
    assert.deepEqual(await names(), ['app.py 1']);
  });
});
