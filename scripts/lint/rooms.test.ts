import assert from 'node:assert/strict';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { root } from '../command.ts';
import { rooms } from './rooms.ts';

/** What the made-up files import: packages, and files of each room. */
const packages = ['vscode', 'node:fs', 'fs', 'koffi', 'fast-check'] as const;
const files = [
  'profile/profile.ts',
  'native/index.ts',
  'native/openTarget.ts',
  'native/os/index.ts',
  'native/os/linux/linux.ts',
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

/** What is refused in a file of each room; everything else is allowed. */
const refused: Readonly<Record<string, readonly Imported[]>> = {
  'profile/made/up.ts': [...packages.slice(0, 4), ...files.filter((file) => file !== 'profile/profile.ts')],
  'profile/files/up.ts': ['vscode', 'koffi', ...files.filter((file) => !file.startsWith('profile/'))],
  'native/made/up.ts': ['vscode', 'koffi', 'native/os/linux/linux.ts', ...files.slice(5)],
  'native/os/made/up.ts': ['vscode', ...files.slice(5)],
  'native/os/linux/up.ts': ['vscode', ...files.slice(5)],
  'webview/made/up.ts': [...packages.slice(0, 4), ...files.filter((file) => !/^(profile\/profile|webview\/)/.test(file))],
  'webview/dev/up.ts': ['vscode', 'native/os/linux/linux.ts', 'profile/files/unpacked.ts'],
  'cli/made/up.ts': ['vscode', 'koffi', ...files.filter((file) => !/^(profile|cli)\//.test(file) && file !== 'native/index.ts')],
  'src/made/up.ts': [
    'koffi',
    ...files.filter((file) => !/^(profile|src)\//.test(file) && file !== 'native/index.ts' && file !== 'webview/messages.ts'),
  ],
  'bench/made/up.ts': ['vscode', 'native/os/linux/linux.ts', 'profile/files/unpacked.ts'],
  'scripts/made/up.ts': ['vscode', 'native/os/linux/linux.ts', 'profile/files/unpacked.ts'],
  'test/made/up.ts': ['native/os/linux/linux.ts', 'profile/files/unpacked.ts'],
  // Tests look past the doors, but not into other rooms.
  'profile/made/up.test.ts': ['vscode', ...files.filter((file) => file !== 'profile/profile.ts')],
  'native/made/up.test.ts': ['vscode', ...files.slice(5, -1)],
  'webview/made/up.test.ts': ['vscode', ...files.filter((file) => !/^(profile|webview)\//.test(file))],
  'cli/made/up.test.ts': ['vscode', 'webview/messages.ts', 'webview/ui/app.ts', ...files.slice(8, -1)],
  'src/made/up.test.ts': ['cli/main.ts', ...files.slice(9, -1)],
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
