// Plays the Python extension's Test Explorer: its controller's id, and ids of items as it gives them to tests of pytest.
const vscode = require('vscode');

exports.activate = async (context) => {
  const controller = vscode.tests.createTestController('python-tests', 'Python Tests');
  context.subscriptions.push(controller);
  controller.createRunProfile('Python Tests', vscode.TestRunProfileKind.Run, () => undefined, true);
  for (const uri of await vscode.workspace.findFiles('**/test_numbers.py')) {
    const document = await vscode.workspace.openTextDocument(uri);
    const file = controller.createTestItem(uri.fsPath, uri.path.split('/').at(-1), uri);
    for (const match of document.getText().matchAll(/^def (test_\w+)/gm)) {
      const test = controller.createTestItem(`${uri.fsPath}::${match[1]}`, match[1], uri);
      const { line } = document.positionAt(match.index);
      test.range = new vscode.Range(line, 0, line + 1, 0);
      file.children.add(test);
    }
    controller.items.add(file);
  }
};
