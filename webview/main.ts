import './styles/page.css';
import { configure } from './l10n.ts';
import type { SetupMessage } from './messages.ts';
import type { Host } from './model/store.ts';
import { parseStoredView, type StoredView } from './model/storedView.ts';
import { parseHostMessage } from './parseHostMessage.ts';
import { samplesOf } from './query.ts';
import { App } from './ui/app.ts';

const vscode = acquireVsCodeApi();
let app: App | undefined;

window.addEventListener('message', (event: MessageEvent<unknown>) => {
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

/** What the page remembers; but which samples count may have changed elsewhere since. */
function storedView({ query, samplesKnown }: SetupMessage): StoredView {
  const stored = parseStoredView(vscode.getState(), query);
  return samplesKnown ? { ...stored, query: { ...stored.query, ...samplesOf(query) } } : stored;
}
