import './styles/page.css';
import { configure } from './l10n.ts';
import { parseStoredView } from './model/storedView.ts';
import { parseHostMessage } from './parseHostMessage.ts';
import { App, type Host } from './ui/app.ts';

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
      post: (reply) => vscode.postMessage(reply),
      store: (view) => vscode.setState(view),
    };
    app = new App(document.getElementById('app')!, host, message, parseStoredView(vscode.getState(), message.query));
  } else app.receive(message);
});
vscode.postMessage({ type: 'ready' });
