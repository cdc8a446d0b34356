/** What a command started from an item acts on. */
export interface ItemTarget {
  readonly cluster?: string;
  readonly run?: string;
  readonly zone?: string;
  /** Name of the cloud resource, for Copy Name. */
  readonly name?: string;
  /** Path in Google's console, for Open in Console. */
  readonly console?: string;
}

/** A row of a tree as plain data: drawn by `tree.ts`, compared as text by tests. */
export interface Item {
  /** Stable over refreshes, so that the tree keeps what is expanded and selected. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** A codicon, and a theme colour where the state is a good or a bad one (never by colour alone). */
  readonly icon: string;
  readonly color?: string;
  /** Words that `when` clauses of menus look for. */
  readonly context: string;
  /** Expanded when first shown. */
  readonly open: boolean;
  readonly children: readonly Item[];
  readonly target: ItemTarget;
}

/** Fills what most items have not. */
export const item = (item: Pick<Item, 'id' | 'label' | 'icon'> & Partial<Item>): Item => ({
  description: '',
  tooltip: '',
  context: '',
  open: false,
  children: [],
  target: {},
  ...item,
});

/** The tree as text, as a screen reader would go through it. */
export const itemText = (items: readonly Item[], indent = ''): string =>
  items
    .map((i) => `${indent}${i.label}  ${i.description}`.trimEnd() + `\n${itemText(i.children, `${indent}  `)}`)
    .join('');
