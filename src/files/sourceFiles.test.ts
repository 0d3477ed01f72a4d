import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionRecord, ProcessRecord } from '../../profile/delta.ts';
import { Profile } from '../../profile/profile.ts';
import type { Cell } from '../notebooks/cellFiles.ts';
import { emptyDelta } from '../testing/deltas.ts';
import type { WorkspaceFile } from './pathMatch.ts';
import { SourceFiles } from './sourceFiles.ts';

const processAt = (workingDirectory: string): ProcessRecord => ({
  pid: process.pid,
  parent: null,
  name: 'app',
  commandLine: [],
  executable: '',
  workingDirectory,
  pythonVersion: '3.12.0',
  startedAt: 0,
});
const functionsIn = (...files: string[]): FunctionRecord[] => files.map((file) => ({ name: 'f', file, firstLine: 1 }));

describe('SourceFiles', () => {
  let root: string;
  let profile: Profile;
  let files: SourceFiles;
  let workspaceFiles: WorkspaceFile[];
  let cells: Cell[];
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'heatline-source-')));
    await mkdir(join(root, 'app'));
    await writeFile(join(root, 'app/a.py'), '');
    profile = new Profile();
    workspaceFiles = [];
    cells = [];
    files = new SourceFiles(
      { profile, state: 'running' },
      { folders: [], named: () => Promise.resolve(workspaceFiles) },
      { find: ({ kind }) => (kind === 'hash' ? cells : []), stamp: '' },
    );
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('knows all the names of a file', async () => {
    await symlink(join(root, 'app'), join(root, 'link'));
    profile.append(
      emptyDelta({
        processes: [processAt(join(root, 'app'))],
        functions: functionsIn('a.py', `${root}/link/a.py`, `${root}/app/a.py`, '/elsewhere/a.py', '<string>', 'b.py'),
      }),
    );
    const names = ['a.py', `${root}/link/a.py`, `${root}/app/a.py`].sort();
    assert.deepEqual(await files.namesOf(join(root, 'app/a.py')), names);
    assert.deepEqual(await files.namesOf(join(root, 'link/a.py')), names);
    assert.deepEqual(await files.namesOf(join(root, 'app/b.py')), []);
  });

  it('learns names as the profile grows', async () => {
    assert.deepEqual(await files.namesOf(join(root, 'app/a.py')), []);
    profile.append(emptyDelta({ functions: functionsIn('a.py') }));
    assert.deepEqual(await files.namesOf(join(root, 'app/a.py')), []);
    profile.append(emptyDelta({ sequence: 1, processes: [processAt(join(root, 'app'))] }));
    assert.deepEqual(await files.namesOf(join(root, 'app/a.py')), ['a.py']);
  });

  it('resolves a name in the process that used it', async () => {
    await mkdir(join(root, 'other'));
    await writeFile(join(root, 'other/a.py'), '');
    profile.append(
      emptyDelta({
        processes: [processAt(join(root, 'app')), { ...processAt(join(root, 'other')), parent: 0 }],
        functions: functionsIn('a.py'),
      }),
    );
    assert.deepEqual(await files.resolve('a.py', 1), { kind: 'found', path: join(root, 'other/a.py') });
    assert.deepEqual(await files.resolve('a.py'), { kind: 'found', path: join(root, 'app/a.py') });
  });

  it('resolves code of notebooks to cells, where they are known', async () => {
    const file = '/tmp/ipykernel_7/42.py';
    profile.append(emptyDelta({ processes: [processAt(root)], functions: functionsIn(file, '<ipython-input-1-0123456789ab>') }));
    assert.deepEqual(await files.resolve(file), { kind: 'unknownCell' });
    cells = [{ uri: 'cell:1', name: 'Cell 1', notebook: 'a.ipynb', text: 'x', magicLines: 0, sequence: 0 }];
    assert.deepEqual(await files.resolve(file), { kind: 'cell', uri: 'cell:1', shift: 0 });
    assert.deepEqual(await files.resolve('<ipython-input-1-0123456789ab>'), { kind: 'unknownCell' });
    assert.deepEqual(await files.resolve('<string>'), { kind: 'generated' });
    assert.deepEqual(files.namesOfCell('cell:1'), { names: [{ file, shift: 0 }], text: 'x' });
  });

  it('keeps answers until told to forget them', async () => {
    profile.append(emptyDelta({ functions: functionsIn('/gone/pkg/c.py') }));
    assert.deepEqual(await files.resolve('/gone/pkg/c.py'), { kind: 'missing' });
    workspaceFiles = [{ path: '/work/pkg/c.py', relativePath: 'pkg/c.py' }];
    assert.deepEqual(await files.resolve('/gone/pkg/c.py'), { kind: 'missing' });
    files.forget();
    assert.deepEqual(await files.resolve('/gone/pkg/c.py'), { kind: 'found', path: '/work/pkg/c.py' });
  });
});
