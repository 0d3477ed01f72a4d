import { registerHooks } from 'node:module';

/**
 * Importing this file lets unit tests load modules that import `vscode`, outside an editor. Only
 * what can mean something there is faked; everything that needs a real editor is tested in one
 * (test/editor). Import it first, and the module under test by a later `await import(…)`.
 */
const source = `
export class EventEmitter {
  #listeners = new Set();
  event = (listener) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(event) { for (const listener of [...this.#listeners]) listener(event); }
  dispose() { this.#listeners.clear(); }
}
export class Disposable {
  constructor(dispose) { this.dispose = dispose; }
  static from(...all) { return new Disposable(() => all.forEach((one) => one.dispose())); }
}
export const l10n = {
  t(message, ...args) {
    const values = args.length === 1 && typeof args[0] === 'object' ? args[0] : args;
    return message.replace(/\\{(\\w+)\\}/g, (whole, key) => String(values[key] ?? whole));
  },
};
export const env = { language: 'en' };
export const workspace = { workspaceFolders: undefined };
export class MarkdownString {
  value = '';
  appendText(text) { this.value += text; return this; }
  appendCodeblock(text) { this.value += '[' + text + ']'; return this; }
}
`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true } : next(specifier, context),
});
