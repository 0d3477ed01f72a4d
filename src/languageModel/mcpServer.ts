import * as vscode from 'vscode';
import { nodeEnvironment } from '../../native/index.ts';
import type { Context } from '../context.ts';
import { interpreterFor } from '../launch/profileScript.ts';

/** In the manifest (`mcpServerDefinitionProviders`). */
const PROVIDER = 'heatline.mcp';

/**
 * Tells the editor, and what of its agents takes servers of the Model Context Protocol, that the command line is one (`heatline mcp`).
 * The editor asks the user before it starts it.
 */
export function registerMcpServer(context: Context): vscode.Disposable {
  // Editors made from VS Code may leave it out.
  const { lm } = vscode as Partial<Pick<typeof vscode, 'lm'>>;
  if (typeof lm?.registerMcpServerDefinitionProvider !== 'function') return new vscode.Disposable(() => undefined);
  const { extension } = context;
  const changed = new vscode.EventEmitter<void>();
  const version = (extension.extension.packageJSON as { readonly version?: unknown }).version;
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    lm.registerMcpServerDefinitionProvider(PROVIDER, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => (vscode.workspace.isTrusted ? [definition()] : []),
      // Only now may others be asked which Python the workspace has.
      resolveMcpServerDefinition: async (server) => {
        const python = await interpreterFor(context, vscode.workspace.workspaceFolders?.[0]?.uri);
        // A Python that is a command of several words (`conda run`) is no program.
        return python?.length === 1 ? definition(['--python', python[0]]) : server;
      },
    }),
  );

  function definition(options: readonly string[] = []): vscode.McpStdioServerDefinition {
    const server = new vscode.McpStdioServerDefinition(
      'Heatline',
      process.execPath,
      [extension.asAbsolutePath('dist/cli.js'), 'mcp', ...options],
      nodeEnvironment(),
      typeof version === 'string' ? version : undefined,
    );
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (folder?.scheme === 'file') server.cwd = folder;
    return server;
  }
}
