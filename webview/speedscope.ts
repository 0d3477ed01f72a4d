/**
 * What stands before speedscope's own bundle in its page: speedscope reads addresses and files, and a webview has neither. It is told to
 * wait for a script that brings a profile (`#localProfilePath`, speedscope's src/views/application.tsx; scripts/speedscopeBundle.ts), which
 * is us. The script that it adds to its page for that is refused by the page's policy.
 */

/** What speedscope sets as `window.speedscope` when it waits. */
interface Loader {
  readonly loadFileFromBase64: (name: string, content: string) => void;
}

/** Characters of a string are made of so many bytes at once: arguments of a call are limited. */
const PIECE = 0x6000; // a multiple of 3: base64 of pieces is that of the whole

const vscode = acquireVsCodeApi();
let loader: Loader | undefined;

// src/app-state/color-scheme.ts; the editor's theme need not be the system's.
const isLight = /vscode-(light|high-contrast-light)/.test(document.body.className);
localStorage.setItem('speedscope-color-scheme', isLight ? 'LIGHT' : 'DARK');

Object.defineProperty(window, 'speedscope', {
  set: (value: Loader) => {
    loader = value;
    vscode.postMessage({ type: 'ready' });
  },
});

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (typeof data !== 'object' || data === null || !('name' in data) || !('content' in data)) return;
  const { name, content } = data;
  // Of the frame around us: no instance of our Uint8Array.
  if (typeof name !== 'string' || !ArrayBuffer.isView(content)) return;
  loader?.loadFileFromBase64(name, base64(new Uint8Array(content.buffer, content.byteOffset, content.byteLength)));
});

function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE))));
  return pieces.join('');
}
