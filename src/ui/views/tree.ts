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

  getTreeItem(i: Item): vscode.TreeItem {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const row = new vscode.TreeItem(i.label, i.children.length === 0 ? None : i.open ? Expanded : Collapsed);
    row.id = i.id;
    row.description = i.description;
    row.tooltip = i.tooltip || undefined;
    row.iconPath = new vscode.ThemeIcon(i.icon, i.color === undefined ? undefined : new vscode.ThemeColor(i.color));
    row.contextValue = i.context;
    row.accessibilityInformation = { label: [i.label, i.description].filter((x) => x !== '').join(', ') };
    return row;
  }

  dispose(): void {
    this.view.dispose();
    this.changed.dispose();
  }
}
