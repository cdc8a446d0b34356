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
    // VS Code itself creates `<view>.focus` and similar commands.
    const made = /^trizone\.(clusters|status|activity)\.|^workbench\./;
    const registered = (await vscode.commands.getCommands(true)).filter(
      (id) => id.startsWith('trizone.') && !made.test(id),
    );
    assert.deepEqual(registered.sort(), named(extension));
  });

  it('each do something', () => {
    const extension = vscode.extensions.getExtension('trizone.trizone');
    assert.ok(extension);
    const bundle = (name: string): unknown => {
      const file = join(extension.extensionPath, 'dist', name);
      return createRequire(file)(file);
    };
    const { paletteCommands: commands } = bundle('deferred.js') as { paletteCommands: Record<string, unknown> };
    const { offered } = bundle('cloudAccess.js') as { offered: (command: string) => unknown };
    const ids = named(extension).map((id) => id.replace(/^trizone\./, ''));
    assert.deepEqual(
      ids.filter((id) => !Object.hasOwn(commands, id) && offered(id) === undefined),
      [],
      'named, but nothing is done',
    );
    assert.deepEqual(
      Object.keys(commands).filter((id) => !ids.includes(id)),
      [],
      'done, but not named',
    );
  });
});
