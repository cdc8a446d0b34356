/** Target of a command started from an item. */
export interface ItemTarget {
  readonly cluster?: string;
  readonly run?: string;
  readonly zone?: string;
  /** Name of the cloud resource, for Copy Name. */
  readonly name?: string;
  /** Path in Google's console, for Open in Console. */
  readonly console?: string;
}

/** A tree row as plain data: drawn by `tree.ts`, compared as text in tests. */
export interface Item {
  /** Stable across refreshes, so that the tree keeps expansion and selection. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** A codicon, and a theme color for good or bad states (never color alone). */
  readonly icon: string;
  readonly color?: string;
  /** Words matched by `when` clauses of menus. */
  readonly context: string;
  /** Expanded when first shown. */
  readonly open: boolean;
  readonly children: readonly Item[];
  readonly target: ItemTarget;
}

/** Fills in defaults for a row. */
export const item = (item: Pick<Item, 'id' | 'label' | 'icon'> & Partial<Item>): Item => ({
  description: '',
  tooltip: '',
  context: '',
  open: false,
  children: [],
  target: {},
  ...item,
});

/** The tree as text, as a screen reader would read it. */
export const itemText = (items: readonly Item[], indent = ''): string =>
  items
    .map((i) => `${indent}${i.label}  ${i.description}`.trimEnd() + `\n${itemText(i.children, `${indent}  `)}`)
    .join('');
