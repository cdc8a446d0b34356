import * as vscode from 'vscode';

/** The three views of the container. */
export const registerViews = (context: vscode.ExtensionContext): void => {
  const nothing: vscode.TreeDataProvider<never> = { getChildren: () => [], getTreeItem: (x) => x };
  context.subscriptions.push(
    vscode.window.createTreeView('trizone.clusters', { treeDataProvider: nothing }),
    vscode.window.createTreeView('trizone.activity', { treeDataProvider: nothing }),
    vscode.window.registerWebviewViewProvider('trizone.status', { resolveWebviewView: () => undefined }),
  );
  void vscode.commands.executeCommand('setContext', 'trizone.welcome', 'signIn');
};
