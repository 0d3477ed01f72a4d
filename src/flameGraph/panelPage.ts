import * as vscode from 'vscode';
import { type PageParts, pageHtml } from './html.ts';

/** What differs between the panels' pages; scripts and style are files in dist/webview. */
export type PanelPage = Omit<PageParts, 'cspSource'>;

/** Loads a panel's page, which can read nothing but what was built for pages. Who is to hear from it listens before. */
export function loadPage(webview: vscode.Webview, extensionUri: vscode.Uri, { scripts, style, ...page }: PanelPage): void {
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  webview.html = pageHtml({ ...page, cspSource: webview.cspSource, scripts: scripts.map(address), style: address(style) });
}
