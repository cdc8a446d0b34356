import * as vscode from 'vscode';
import type { Item } from './item.ts';

/** Draws items as a tree view. */
export class ItemTree implements vscode.TreeDataProvider<Item> {
  readonly view: vscode.TreeView<Item>;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly roots: () => readonly Item[];
  private readonly parents = new Map<string, Item>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(id: string, roots: () => readonly Item[]) {
    this.roots = roots;
    this.view = vscode.window.createTreeView(id, { treeDataProvider: this, showCollapseAll: true });
  }

  draw(): void {
    this.changed.fire();
  }

  getChildren(parent?: Item): Item[] {
    const children = [...(parent === undefined ? this.roots() : parent.children)];
    if (parent !== undefined) for (const child of children) this.parents.set(child.id, parent);
    return children;
  }

  getParent(child: Item): Item | undefined {
    return this.parents.get(child.id);
  }

  getTreeItem(item: Item): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const row = new vscode.TreeItem(item.label, item.children.length === 0 ? None : item.open ? Expanded : Collapsed);
    row.id = item.id;
    row.description = item.description;
    row.tooltip = item.tooltip || undefined;
    row.iconPath = new vscode.ThemeIcon(
      item.icon,
      item.color === undefined ? undefined : new vscode.ThemeColor(item.color),
    );
    row.contextValue = item.context;
    row.accessibilityInformation = { label: [item.label, item.description].filter((x) => x !== '').join(', ') };
    return row;
  }

  dispose(): void {
    this.view.dispose();
    this.changed.dispose();
  }
}
