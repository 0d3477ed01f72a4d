import { defineConfig, globalIgnores } from 'eslint/config';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The rooms of the house and what each may look into (docs/architecture.md).
 * `from` is the importing folder; every folder in `except` may be imported.
 */
const rooms = [
  { from: 'profile', allow: [] },
  { from: 'native', allow: ['profile'] },
  { from: 'webview', allow: ['profile'] },
  { from: 'cli', allow: ['profile', 'native'] },
  { from: 'src', allow: ['profile', 'native', 'webview'] },
];
const all = ['profile', 'native', 'webview', 'cli', 'src', 'bench', 'test', 'scripts'];

export default defineConfig(
  globalIgnores(['dist/', 'out/', 'node_modules/', '**/*.d.ts']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: rooms.map(({ from, allow }) => ({
            target: `./${from}`,
            from: all.filter((room) => room !== from && !allow.includes(room)).map((room) => `./${room}`),
            message: `${from}/ may import only ${[from, ...allow].join(', ')} (docs/architecture.md).`,
          })),
        },
      ],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    // Only src/ may touch the editor; profile/ and webview/ run without Node.
    files: ['native/**', 'profile/**', 'cli/**', 'webview/**'],
    rules: { 'no-restricted-imports': ['error', { paths: ['vscode'] }] },
  },
  {
    files: ['profile/**', 'webview/**'],
    ignores: ['**/*.test.ts', 'webview/dev/**'], // dev/ drives a browser from Node
    rules: { 'no-restricted-imports': ['error', { paths: ['vscode'], patterns: ['node:*', 'koffi'] }] },
  },
  {
    // The extension and the terminal get at processes through one door.
    files: ['src/**', 'cli/**'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: 'native/(?!index\\.ts$)', message: 'Import native/index.ts: src and cli never read memory.' }] },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'webview/dev/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', name: ['it', 'describe'], package: 'mocha' }] }],
    },
  },
);
