import * as vscode from 'vscode';
import * as kubernetes from 'vscode-kubernetes-tools-api';
import type { App } from './app.ts';
import { showError } from './commands/guard.ts';
import { t } from './localised.ts';
import type { ObservedCluster } from './snapshot.ts';
import { masterCount, nodeCount, nodesOf } from './words.ts';

/**
 * Shows the clusters in the Kubernetes extension's Cloud Explorer, with its Merge
 * into Kubeconfig and Save Kubeconfig (its docs/extending/cloudexplorer.md).
 */
export const offerClusters = (app: App): void => {
  void register(app).catch((error: unknown) => app.log.warn(`Cloud Explorer: ${String(error)}`));
};

const register = async (app: App): Promise<void> => {
  const explorer = await kubernetes.extension.cloudExplorer.v1;
  if (!explorer.available) {
    app.log.info(`Cloud Explorer is not available: ${explorer.reason}`);
    return;
  }
  const tree = new ClusterList(app);
  explorer.api.registerCloudProvider({
    cloudName: 'Trizone',
    treeDataProvider: tree,
    getKubeconfigYaml: (cluster: ObservedCluster) => kubeconfigOf(app, cluster.name),
  });
};

// Their contract: the provider shows errors itself, and undefined ends the command.
const kubeconfigOf = async (app: App, cluster: string): Promise<string | undefined> => {
  try {
    const access = await app.cloudAccess();
    return await access.readKubeconfig(await app.connect(), cluster);
  } catch (error) {
    void showError(app, error);
    return undefined;
  }
};

class ClusterList implements vscode.TreeDataProvider<ObservedCluster> {
  readonly onDidChangeTreeData: vscode.Event<void>;
  private readonly app: App;

  constructor(app: App) {
    this.app = app;
    this.onDidChangeTreeData = app.onDidChange;
  }

  async getChildren(parent?: ObservedCluster): Promise<ObservedCluster[]> {
    if (parent !== undefined) return [];
    if (this.app.snapshot === undefined) await this.app.observation.refresh();
    return [...(this.app.snapshot?.clusters ?? [])];
  }

  getTreeItem(cluster: ObservedCluster): vscode.TreeItem {
    const row = new vscode.TreeItem(cluster.name);
    const words = [masterCount(t, cluster.masters.length), nodeCount(t, nodesOf(cluster).length), cluster.region];
    row.id = `trizone/${cluster.uid}`;
    row.description = words.join(' · ');
    row.iconPath = new vscode.ThemeIcon('server-environment');
    row.contextValue = 'trizone.cluster kubernetes.providesKubeconfig';
    row.accessibilityInformation = { label: `${cluster.name}, ${words.join(', ')}` };
    return row;
  }
}
