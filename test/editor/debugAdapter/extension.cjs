// Plays the Python Debugger extension, with a real debugpy: starts its adapter, connects to one that
// listens, and makes a session for every child process. Its other type, "python", has an adapter that says nothing of
// the process it debugs.
const vscode = require('vscode');

class SilentAdapter {
  #messages = new vscode.EventEmitter();
  onDidSendMessage = this.#messages.event;

  handleMessage({ type, seq, command }) {
    const success = command !== 'debugpySystemInfo';
    if (type === 'request') this.#messages.fire({ type: 'response', seq: 0, request_seq: seq, command, success, body: {} });
    if (command === 'initialize') this.#messages.fire({ type: 'event', seq: 0, event: 'initialized' });
  }

  dispose() {
    this.#messages.dispose();
  }
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory('debugpy', {
      createDebugAdapterDescriptor({ configuration: { connect } }) {
        if (connect !== undefined) return new vscode.DebugAdapterServer(connect.port, connect.host ?? '127.0.0.1');
        return new vscode.DebugAdapterExecutable('/usr/bin/python3', ['-m', 'debugpy.adapter']);
      },
    }),
    vscode.debug.registerDebugAdapterDescriptorFactory('python', {
      createDebugAdapterDescriptor: () => new vscode.DebugAdapterInlineImplementation(new SilentAdapter()),
    }),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event, session, body }) => {
      if (event !== 'debugpyAttach') return;
      vscode.debug.startDebugging(session.workspaceFolder, body, { parentSession: session, lifecycleManagedByParent: true });
    }),
  );
};
