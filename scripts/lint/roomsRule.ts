import path from 'node:path';
import type { Rule } from 'eslint';
import { whyNot } from './rooms.ts';

interface Literal {
  readonly type: string;
  readonly value?: unknown;
}

/** ESLint's rule that files import only what their room may: by any kind of import, types included. */
export const roomsRule: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], docs: { description: 'Rooms import only what scripts/lint/rooms.ts lets them.' } },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const check = (source: Literal | null | undefined, node: Rule.Node): void => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = whyNot(file, source.value);
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source, node),
      ExportNamedDeclaration: (node) => check(node.source, node),
      ExportAllDeclaration: (node) => check(node.source, node),
      ImportExpression: (node) => check(node.source, node),
      // `typeof import('…')` and `import x = require('…')` are TypeScript's own.
      TSImportType: (node: Rule.Node & { readonly source?: Literal }) => check(node.source, node),
      TSExternalModuleReference: (node: Rule.Node & { readonly expression?: Literal }) => check(node.expression, node),
      CallExpression: (node) => {
        if (node.callee.type === 'Identifier' && node.callee.name === 'require') check(node.arguments[0], node);
      },
    };
  },
};
