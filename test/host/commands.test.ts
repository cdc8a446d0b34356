import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('commands', () => {
  it('are registered exactly as the manifest names them', async () => {
    const extension = vscode.extensions.getExtension('trizone.trizone');
    assert.ok(extension);
    await extension.activate();
    const { contributes } = extension.packageJSON as Manifest;
    const named = contributes.commands.map(({ command }) => command).sort();
    // VS Code itself makes `<view>.focus` and its kin.
    const made = /^trizone\.(clusters|status|activity)\.|^workbench\./;
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) => id.startsWith('trizone.') && !made.test(id),
    );
    assert.deepEqual(registered.sort(), named);
  });
});
