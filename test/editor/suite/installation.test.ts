import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

interface Manifest {
  readonly activationEvents?: readonly string[];
  readonly contributes: { readonly commands: readonly { readonly command: string; readonly title: string }[] };
}

describe('the installed extension', () => {
  const extension = vscode.extensions.getExtension('heatline.heatline')!;
  const manifest = (): Manifest => extension.packageJSON as Manifest;

  // These go in this order: what is asked of an extension that sleeps comes before waking it.
  it('comes from the .vsix, not from the source tree', () => {
    assert.ok(!fs.existsSync(path.join(extension.extensionPath, 'src')));
    assert.ok(!fs.existsSync(path.join(extension.extensionPath, 'tsconfig.json')));
  });

  it('is not active at start-up', () => {
    assert.equal(extension.isActive, false);
    for (const event of manifest().activationEvents ?? []) assert.ok(event !== '*' && event !== 'onStartupFinished', event);
  });

  it('has words for everything it contributes', () => {
    assert.deepEqual(JSON.stringify(manifest().contributes).match(/"%[^"]*%"/g), null);
  });

  it('wakes when a language model calls one of its tools', async () => {
    await vscode.lm.invokeTool('heatline_report', { input: {}, toolInvocationToken: undefined });
    assert.equal(extension.isActive, true);
  });

  it('activates', async () => {
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('carries out every command it contributes', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const contributed = manifest().contributes.commands.map(({ command }) => command);
    assert.ok(contributed.length > 0);
    assert.deepEqual(
      contributed.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('carries koffi for this machine', () => {
    const natives = path.join(extension.extensionPath, 'node_modules/@koromix');
    assert.deepEqual(fs.readdirSync(natives), [`koffi-${process.platform}-${process.arch}`]);
  });
});
