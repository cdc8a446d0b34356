import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as vscode from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

const named = (extension: vscode.Extension<unknown>): string[] =>
  (extension.packageJSON as Manifest).contributes.commands.map(({ command }) => command).sort();

describe('commands', () => {
  it('are registered exactly as the manifest names them', async () => {
    const extension = vscode.extensions.getExtension('trizone.trizone');
    assert.ok(extension);
    await extension.activate();
    // VS Code itself makes `<view>.focus` and its kin.
    const made = /^trizone\.(clusters|status|activity)\.|^workbench\./;
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) => id.startsWith('trizone.') && !made.test(id),
    );
    assert.deepEqual(registered.sort(), named(extension));
  });

  it('each do something', () => {
    const extension = vscode.extensions.getExtension('trizone.trizone');
    assert.ok(extension);
    const bundle = join(extension.extensionPath, 'dist', 'deferred.js');
    const { commands } = createRequire(bundle)(bundle) as { commands: Record<string, unknown> };
    const does = Object.keys(commands).map((id) => `trizone.${id}`);
    assert.deepEqual(does.sort(), named(extension));
  });
});
