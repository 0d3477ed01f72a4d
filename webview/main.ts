import './styles/page.css';
import './styles/compare.css';
import { configure } from './l10n.ts';
import type { SetupMessage } from './messages.ts';
import type { Host } from './model/store.ts';
import { parseStoredView, type StoredView } from './model/storedView.ts';
import { parseCompareMessage } from './parseCompareMessage.ts';
import { parseHostMessage } from './parseHostMessage.ts';
import { parsePictureRequest, pictureOf } from './picture.ts';
import { samplesOf } from './query.ts';
import { App } from './ui/app.ts';
import { Comparison } from './ui/compare/comparison.ts';

const vscode = acquireVsCodeApi();
let app: App | undefined;
let comparison: Comparison | undefined;

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (app === undefined && compare(event.data)) return;
  const wanted = parsePictureRequest(event.data);
  if (wanted !== undefined) vscode.postMessage({ type: 'picture', data: pictureOf(wanted) });
  const message = parseHostMessage(event.data);
  if (message === undefined) return;
  if (app === undefined) {
    if (message.type !== 'setup') return;
    configure(message.translations);
    document.documentElement.lang = message.language;
    const host: Host = {
      isEditor: true,
      post: (reply) => vscode.postMessage(reply),
      store: (view) => vscode.setState(view),
    };
    app = new App(document.getElementById('app')!, host, message, storedView(message));
  } else app.receive(message);
});
vscode.postMessage({ type: 'ready' });

/** Shows two profiles, if that is what the host told. */
function compare(data: unknown): boolean {
  const message = parseCompareMessage(data);
  if (message === undefined) return comparison !== undefined;
  if (comparison === undefined) {
    configure(message.translations);
    document.documentElement.lang = message.language;
    comparison = new Comparison(document.getElementById('app')!, message, (reply) => vscode.postMessage(reply));
  } else comparison.show(message);
  return true;
}

/** What the page remembers; but which samples count may have changed elsewhere since. */
function storedView({ query, samplesKnown }: SetupMessage): StoredView {
  const stored = parseStoredView(vscode.getState(), query);
  return samplesKnown ? { ...stored, query: { ...stored.query, ...samplesOf(query) } } : stored;
}
