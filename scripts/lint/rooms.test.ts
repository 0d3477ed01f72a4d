import assert from 'node:assert/strict';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { root } from '../command.ts';
import { rooms } from './rooms.ts';

const samplerFiles = [
  'native/sampler/sampler.ts',
  'native/sampler/callers/callerJudge.ts',
  'native/sampler/code/codeCache.ts',
  'native/sampler/dataStack/stackWalker.ts',
  'native/sampler/heap/heapWalker.ts',
  'native/sampler/tables/stackTrie.ts',
  'native/sampler/tasks/runningTasks.ts',
  'native/sampler/threads/sampledThread.ts',
  'native/sampler/tree/processTree.ts',
] as const;

/** What the made-up files import: packages, and files of each room. */
const packages = ['vscode', 'node:fs', 'fs', 'koffi', 'fast-check'] as const;
const files = [
  'profile/profile.ts',
  'native/index.ts',
  'native/openTarget.ts',
  'native/os/index.ts',
  'native/os/linux/linux.ts',
  ...samplerFiles,
  'webview/messages.ts',
  'webview/ui/app.ts',
  'cli/main.ts',
  'src/extension.ts',
  'bench/main.ts',
  'test/integration/program.ts',
  'scripts/command.ts',
  'profile/files/unpacked.ts',
] as const;
type Imported = (typeof packages)[number] | (typeof files)[number];

/** Behind a door of its own within the room. */
const unpacked = 'profile/files/unpacked.ts';

/** All files but those of some rooms. */
function outside(...folders: string[]): Imported[] {
  return files.filter(
    (file) => !folders.some((folder) => file.startsWith(`${folder}/`) && (file !== unpacked || folder === 'profile/files')),
  );
}

/** What a floor of native/sampler may not import, which may import some others. */
function refusedOn(...floors: string[]): Imported[] {
  const allowed = ['profile', 'native/os', ...floors.map((floor) => `native/sampler/${floor}`)];
  return ['vscode', 'koffi', 'native/os/linux/linux.ts', ...outside(...allowed)];
}

/** What is refused in a file of each room; everything else is allowed. */
const refused: Readonly<Record<string, readonly Imported[]>> = {
  'profile/made/up.ts': [...packages.slice(0, 4), ...outside('profile')],
  'profile/files/up.ts': ['vscode', 'koffi', ...outside('profile', 'profile/files')],
  'native/made/up.ts': ['vscode', 'koffi', 'native/os/linux/linux.ts', ...outside('profile', 'native')],
  'native/sampler/tables/up.ts': refusedOn('tables'),
  'native/sampler/code/up.ts': refusedOn('code', 'tables'),
  'native/sampler/threads/up.ts': refusedOn('threads', 'tables'),
  'native/sampler/tasks/up.ts': refusedOn('tasks', 'tables', 'threads'),
  'native/sampler/callers/up.ts': refusedOn('callers', 'code', 'tables', 'threads'),
  'native/sampler/dataStack/up.ts': refusedOn('dataStack', 'callers', 'code', 'tables', 'tasks', 'threads'),
  'native/sampler/heap/up.ts': refusedOn('heap', 'callers', 'code', 'tables', 'tasks', 'threads'),
  'native/sampler/nativeFrames/up.ts': refusedOn('nativeFrames', 'tables', 'threads'),
  'native/sampler/tree/up.ts': refusedOn('tree').filter((file) => file !== 'native/openTarget.ts'),
  'native/os/made/up.ts': ['vscode', ...outside('profile', 'native')],
  'native/os/linux/up.ts': ['vscode', ...outside('profile', 'native')],
  'webview/made/up.ts': [...packages.slice(0, 4), ...outside('profile', 'webview')],
  'page/made/up.ts': [...packages.slice(0, 4), ...outside('profile', 'webview')],
  'webview/dev/up.ts': ['vscode', 'native/os/linux/linux.ts', unpacked],
  'cli/made/up.ts': ['vscode', 'koffi', ...outside('profile', 'profile/files', 'cli').filter((file) => file !== 'native/index.ts')],
  'src/made/up.ts': [
    'koffi',
    ...outside('profile', 'profile/files', 'src').filter((file) => file !== 'native/index.ts' && file !== 'webview/messages.ts'),
  ],
  'bench/made/up.ts': ['vscode', 'native/os/linux/linux.ts', unpacked],
  'scripts/made/up.ts': ['vscode', 'native/os/linux/linux.ts', unpacked],
  'test/made/up.ts': ['native/os/linux/linux.ts', unpacked],
  // Tests look past the doors, but not into other rooms.
  'profile/made/up.test.ts': ['vscode', ...outside('profile')],
  'native/made/up.test.ts': ['vscode', ...outside('profile', 'profile/files', 'native')],
  'webview/made/up.test.ts': ['vscode', ...outside('profile', 'profile/files', 'webview')],
  'cli/made/up.test.ts': [
    'vscode',
    'webview/messages.ts',
    'webview/ui/app.ts',
    ...outside('profile', 'profile/files', 'native', 'webview', 'cli'),
  ],
  'src/made/up.test.ts': ['cli/main.ts', ...outside('profile', 'profile/files', 'native', 'webview', 'cli', 'src')],
  'test/made/up.test.ts': [],
};

/** Each way to import, and the line it makes. */
const ways: readonly ((source: string) => string)[] = [
  (source) => `import * as all from '${source}';`,
  (source) => `import type { One } from '${source}';`,
  (source) => `export { one } from '${source}';`,
  (source) => `export * from '${source}';`,
  (source) => `export const lazy = import('${source}');`,
  (source) => `export type Type = import('${source}').Type;`,
  (source) => `import old = require('${source}');`,
  (source) => `export const older = require('${source}');`,
];

describe('the rooms’ lint rule', function () {
  this.timeout(60_000);
  // The project's own configuration, without what needs the files to be there.
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: [
      {
        files: ['**/*.ts'],
        ...tseslint.configs.disableTypeChecked,
        languageOptions: { parserOptions: { projectService: false, project: false } },
      },
    ],
    ruleFilter: ({ ruleId }) => ruleId === 'heatline/rooms',
  });

  /** Which lines of a made-up file are refused. */
  async function refusedLines(file: string, lines: readonly string[]): Promise<number[]> {
    const [result] = await eslint.lintText(lines.join('\n'), { filePath: `${root}/${file}` });
    const messages = result?.messages ?? [];
    for (const { ruleId, message } of messages) assert.equal(ruleId, 'heatline/rooms', `${file}: ${message}`);
    return [...new Set(messages.map(({ line }) => line - 1))].sort((a, b) => a - b);
  }

  function sourceFrom(file: string, imported: Imported): string {
    return (packages as readonly string[]).includes(imported) ? imported : `${'../'.repeat(file.split('/').length - 1)}${imported}`;
  }

  for (const [file, expected] of Object.entries(refused)) {
    it(`knows what ${file} may import`, async () => {
      const all: readonly Imported[] = [...packages, ...files];
      const lines = await refusedLines(
        file,
        all.map((imported) => ways[0]!(sourceFrom(file, imported))),
      );
      assert.deepEqual(lines.map((line) => all[line]).sort(), [...expected].sort());
    });
  }

  it('has an expectation for each room', () => {
    for (const { folder } of rooms)
      assert.ok(
        Object.keys(refused).some((file) => file.startsWith(`${folder}/`)),
        folder,
      );
  });

  it('sees each way to import', async () => {
    for (const source of ['vscode', '../native/openTarget.ts']) {
      const lines = ways.map((way) => way(source));
      assert.deepEqual(await refusedLines('cli/up.ts', lines), [...lines.keys()], source);
    }
  });
});
