'use strict';

const vscode = require('vscode');

const providers = [];
const changed = new vscode.EventEmitter();

// Clouds, each with the children that its provider returns, as the Kubernetes extension draws them.
const tree = {
  onDidChangeTreeData: changed.event,
  getChildren: async (parent) =>
    parent === undefined
      ? providers.map((provider) => ({ provider }))
      : (await parent.provider.treeDataProvider.getChildren(parent.resource)).map((resource) => ({
          provider: parent.provider,
          resource,
        })),
  getTreeItem: ({ provider, resource }) =>
    resource === undefined
      ? new vscode.TreeItem(provider.cloudName, vscode.TreeItemCollapsibleState.Expanded)
      : provider.treeDataProvider.getTreeItem(resource),
};

const cloudExplorer = {
  registerCloudProvider: (provider) => {
    providers.push(provider);
    provider.treeDataProvider.onDidChangeTreeData?.(() => changed.fire());
    changed.fire();
  },
  resolveCommandTarget: () => undefined,
  refresh: () => changed.fire(),
};

const save = async ({ provider, resource }) => {
  const text = await provider.getKubeconfigYaml(resource);
  if (text !== undefined)
    await vscode.workspace.openTextDocument({ content: text }).then(vscode.window.showTextDocument);
};

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider('kubernetes.cloudExplorer', tree),
    vscode.commands.registerCommand('extension.vsKubernetesSaveKubeconfig', save),
  );
  const found = { available: true, api: cloudExplorer };
  return {
    get: (component, version) =>
      component === 'cloudexplorer' && version === 'v1' ? found : { available: false, reason: 'version-unknown' },
  };
};
