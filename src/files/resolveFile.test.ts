import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { foreignRoot, resolveFile, type FileMatch, type WorkspaceFiles } from './resolveFile.ts';

describe('resolveFile', () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'heatline-files-')));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const write = async (...paths: string[]): Promise<void> => {
    for (const path of paths) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), '');
    }
  };
  /** A workspace of one folder with these files. */
  const workspace = (folder: string, ...files: string[]): WorkspaceFiles => ({
    folders: [join(root, folder)],
    named: (name) =>
      Promise.resolve(
        files
          .filter((file) => basename(file) === name)
          .map((file) => ({ path: join(root, folder, file), relativePath: relative('.', file) })),
      ),
  });
  const found = (path: string): FileMatch => ({ kind: 'found', path: join(root, path) });
  const here = (cwd = ''): { workingDirectory: string; foreignRoot: null } => ({ workingDirectory: join(root, cwd), foreignRoot: null });

  it('takes an absolute path as it is', async () => {
    await write('p/a.py');
    assert.deepEqual(await resolveFile(join(root, 'p/a.py'), [], workspace('other')), found('p/a.py'));
  });

  it('joins a relative path to the directory the process works in', async () => {
    await write('p/pkg/a.py', 'q/pkg/a.py');
    assert.deepEqual(await resolveFile('pkg/a.py', [here('none'), here('q')], workspace('p', 'pkg/a.py')), found('q/pkg/a.py'));
  });

  it('finds the source of a compiled file', async () => {
    await write('p/a.py');
    assert.deepEqual(await resolveFile(join(root, 'p/__pycache__/a.cpython-312.pyc'), [], workspace('p')), found('p/a.py'));
  });

  it('spells a file as the workspace does, whatever links lie between', async () => {
    await write('real/a.py');
    await symlink(join(root, 'real'), join(root, 'linked'));
    await symlink(join(root, 'real/a.py'), join(root, 'alias.py'));
    assert.deepEqual(await resolveFile(join(root, 'real/a.py'), [], workspace('linked', 'a.py')), found('linked/a.py'));
    assert.deepEqual(await resolveFile(join(root, 'alias.py'), [], workspace('real', 'a.py')), found('real/a.py'));
  });

  it('finds files of elsewhere by the end of their path', async () => {
    await write('p/pkg/a.py');
    assert.deepEqual(await resolveFile('/nowhere/app/pkg/a.py', [here()], workspace('p', 'pkg/a.py')), found('p/pkg/a.py'));
    assert.deepEqual(await resolveFile('pkg/a.py', [], workspace('p', 'pkg/a.py')), found('p/pkg/a.py'));
  });

  describe('in a container', () => {
    const container = (): { workingDirectory: string; foreignRoot: string } => ({
      workingDirectory: '/app',
      foreignRoot: join(root, 'container'),
    });

    it('does not trust a file of ours at the same path', async () => {
      await write('app/main.py', 'p/main.py', `container${root}/app/main.py`);
      assert.deepEqual(await resolveFile(join(root, 'app/main.py'), [container()], workspace('p', 'main.py')), found('p/main.py'));
    });

    it('sees that a mounted file is one of ours', async () => {
      await write('p/deep/renamed/main.py', 'p/main.py', 'container/x.py');
      await mkdir(join(root, 'container/app'), { recursive: true });
      await link(join(root, 'p/deep/renamed/main.py'), join(root, 'container/app/main.py'));
      assert.deepEqual(
        await resolveFile('main.py', [container()], workspace('p', 'main.py', 'deep/renamed/main.py')),
        found('p/deep/renamed/main.py'),
      );
    });

    it('reaches into the container for what is only there', async () => {
      await write('container/usr/lib/python3.12/threading.py');
      assert.deepEqual(
        await resolveFile('/usr/lib/python3.12/threading.py', [container()], workspace('p')),
        found('container/usr/lib/python3.12/threading.py'),
      );
    });
  });

  it('says what is no file and what is not there', async () => {
    await mkdir(join(root, 'folder.py'));
    assert.deepEqual(await resolveFile('<string>', [], workspace('p')), { kind: 'generated' });
    for (const file of ['/nowhere/x.py', 'x.py', 'C:\\x.py', `${root}/folder.py`, 'a\0b.py', '/'.repeat(5000)]) {
      assert.deepEqual(await resolveFile(file, [here()], workspace('p')), { kind: 'missing' }, file);
    }
  });
});

describe('foreignRoot', () => {
  it('is null for a process that sees our files, and for none', async () => {
    assert.equal(await foreignRoot(process.pid), null);
    assert.equal(await foreignRoot(2 ** 31 - 1), null);
  });
});
