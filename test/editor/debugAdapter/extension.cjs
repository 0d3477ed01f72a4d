// Plays the Python Debugger extension, with a real debugpy: starts its adapter, connects to one that
// listens, and makes a session for every child process.
const vscode = require('vscode');

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory('debugpy', {
      createDebugAdapterDescriptor({ configuration: { connect } }) {
        if (connect !== undefined) return new vscode.DebugAdapterServer(connect.port, connect.host ?? '127.0.0.1');
        return new vscode.DebugAdapterExecutable('/usr/bin/python3', ['-m', 'debugpy.adapter']);
      },
    }),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event, session, body }) => {
      if (event !== 'debugpyAttach') return;
      vscode.debug.startDebugging(session.workspaceFolder, body, { parentSession: session, lifecycleManagedByParent: true });
    }),
  );
};
