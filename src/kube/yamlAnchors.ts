import { isDeepStrictEqual } from 'node:util';
import { type Alias, type Document, isAlias, isNode, type Node, parseDocument, stringify, visit } from 'yaml';
import { invalid } from '../lib/operatorError.ts';

/**
 * Moves anchors (&NAME) out of a part of the text that will be replaced: the first alias (*NAME) after it takes over
 * the anchor and its content, so that the rest of the text keeps its meaning. Fails if that is not possible.
 */
export const freeAnchors = (text: string, doc: Document.Parsed, part: unknown): string => {
  if (!isNode(part) || !part.range || !text.includes('&')) return text;
  const [from, , to] = part.range;
  const anchored = new Set<Node>();
  const first = new Map<Node, Alias>();
  const isInside = ({ range }: Node): boolean => !!range && range[0] >= from && range[0] < to;
  visit(doc, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined && (node === part || isInside(node))) anchored.add(node);
        return;
      }
      const bearer = node.resolve(doc);
      if (bearer !== undefined && anchored.has(bearer) && !isInside(node) && !first.has(bearer))
        first.set(bearer, node);
    },
  });
  return first.size === 0 ? text : moved(text, doc, first);
};

const moved = (text: string, doc: Document.Parsed, first: ReadonlyMap<Node, Alias>): string => {
  let next = text;
  for (const [bearer, { source, range }] of [...first].reverse()) {
    if (!range) throw immovable(source);
    next = `${next.slice(0, range[0])}&${source} ${inLine(bearer.toJS(doc))}${next.slice(range[1])}`;
  }
  const again = parseDocument(next);
  if (again.errors.length === 0 && isDeepStrictEqual(again.toJS(), doc.toJS())) return next;
  throw immovable([...first.values()].map((alias) => alias.source).join(', &'));
};

const immovable = (name: string): Error =>
  invalid(
    `Cannot replace an entry with an anchor that other entries use: &${name}`,
    'Replace the aliases (*NAME) in the kubeconfig with their values first.',
  );

// On one line and quoted: valid wherever an alias is.
const inLine = (value: unknown): string =>
  stringify(value, {
    ...{ collectionStyle: 'flow', lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity },
    ...{ defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' },
  }).trimEnd();
