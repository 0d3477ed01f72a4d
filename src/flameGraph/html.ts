import { randomBytes } from 'node:crypto';

/** Where the page's parts are, as the webview addresses them. */
export interface PageParts {
  /** `webview.cspSource` */
  readonly cspSource: string;
  /** In their order. */
  readonly scripts: readonly string[];
  readonly style: string;
  readonly title: string;
  readonly language: string;
  /** Whether scripts make styles, as libraries do. */
  readonly makesStyles?: boolean;
  /** Whether scripts make workers of what they have. */
  readonly makesWorkers?: boolean;
}

/** The page around a bundle, as that of webview/main.ts. It may run these scripts alone and load nothing from outside. */
export function pageHtml({ cspSource, scripts, style, title, language, makesStyles = false, makesWorkers = false }: PageParts): string {
  const nonce = randomBytes(18).toString('base64url');
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource}${makesStyles ? " 'unsafe-inline'" : ''}${makesWorkers ? '; worker-src blob:' : ''}`;
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(style)}">
<title>${escape(title)}</title>
</head>
<body>
<main id="app"></main>
${scripts.map((script) => `<script nonce="${nonce}" src="${escape(script)}"></script>`).join('\n')}
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
