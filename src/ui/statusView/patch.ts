import { picture, type Icon } from './icons.ts';

/** Target state of an element. Created only by `h`; the page is patched, never replaced: focus and selection stay. */
export interface Wanted {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Wanted | string)[];
  readonly press: (() => void) | undefined;
}

type Child = Wanted | string | undefined | readonly (Wanted | undefined)[];

/** Attributes of an element; `key` identifies it among its siblings across redraws, `press` handles a click or Enter. */
interface Given {
  readonly [attribute: string]: string | undefined | (() => void);
  readonly press?: () => void;
}

/** One element. Undefined attributes and children are omitted. */
export const h = (tag: string, given: Given, ...children: Child[]): Wanted => {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (typeof value === 'string') attributes[name] = value;
  return { tag, attributes, children: children.flatMap(flat), press: given.press };
};

const flat = (child: Child): (Wanted | string)[] => {
  if (child === undefined) return [];
  if (typeof child === 'string' || 'tag' in child) return [child];
  return child.filter((c) => c !== undefined);
};

/** An icon; its text stands next to it. */
export const icon = (name: Icon, tone = ''): Wanted =>
  h('span', { class: `icon ${tone}`, 'aria-hidden': 'true', icon: name });

const presses = new WeakMap<Element, () => void>();

/** Calls the `press` handlers; one listener serves the whole page. */
export const listenForPresses = (root: Element): void => {
  root.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    if (button !== null) presses.get(button)?.();
  });
};

/** Patches the children of `parent` to the wanted ones. */
export const patchElement = (parent: Element, wanted: Wanted['children']): void => {
  // Removes first: moving a button past a removed element would lose the focus.
  const stays = new Set(wanted.map((w) => (typeof w === 'string' ? undefined : w.attributes.key)));
  for (const e of [...parent.children]) if (e.hasAttribute('key') && !stays.has(keyOf(e) ?? '')) e.remove();
  const keyed = new Map([...parent.children].flatMap((e) => (keyOf(e) === null ? [] : [[keyOf(e), e] as const])));
  wanted.forEach((want, index) => {
    const here = parent.childNodes[index] ?? null;
    const node = typeof want === 'string' ? textNode(here, want) : element(here, want, keyed);
    if (node !== here) parent.insertBefore(node, here);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild?.remove();
};

const keyOf = (e: Element): string | null => e.getAttribute('key');

const textNode = (here: ChildNode | null, text: string): Node => {
  if (!(here instanceof Text)) return document.createTextNode(text);
  if (here.data !== text) here.data = text;
  return here;
};

const element = (here: ChildNode | null, want: Wanted, keyed: ReadonlyMap<string | null, Element>): Element => {
  const { key } = want.attributes;
  const fits = (value: unknown): value is Element =>
    value instanceof Element && value.localName === want.tag && keyOf(value) === (key ?? null);
  const named = key === undefined ? here : keyed.get(key);
  const found = fits(named) ? named : document.createElement(want.tag);
  change(found, want);
  return found;
};

const change = (found: Element, want: Wanted): void => {
  const before = found.getAttribute('icon');
  for (const name of found.getAttributeNames()) if (!(name in want.attributes)) found.removeAttribute(name);
  for (const [name, value] of Object.entries(want.attributes))
    if (found.getAttribute(name) !== value) found.setAttribute(name, value);
  if (want.press === undefined) presses.delete(found);
  else presses.set(found, want.press);
  const { icon: name } = want.attributes;
  if (name === undefined) patchElement(found, want.children);
  else if (name !== before) found.replaceChildren(picture(name as Icon));
};
