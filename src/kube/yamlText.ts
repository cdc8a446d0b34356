import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { freeAnchors } from './yamlAnchors.ts';

/** An entry of one of a kubeconfig's lists. */
export interface Entry {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** Parses a YAML text; an invalid one is rejected with the position of the error. */
export const readYaml = (text: string): unknown => {
  const doc = parse(text);
  try {
    return doc.toJS() as unknown;
  } catch {
    throw invalid('Invalid YAML: undefined alias (*NAME), or one that expands to too much data', 'Fix the file first.');
  }
};

const parse = (text: string): Document.Parsed => {
  const doc = parseDocument(text);
  const error = doc.errors[0];
  if (error === undefined) {
    // Only comments after `---` parse as null, which cannot hold keys; empty contents can.
    if (isScalar(doc.contents) && doc.contents.value === null) doc.contents = null;
    return doc;
  }
  const [place] = error.linePos ?? [];
  const where = place === undefined ? '' : `line ${place.line}, column ${place.col}: `;
  throw invalid(`Invalid YAML: ${where}${problems[error.code] ?? 'cannot be parsed'}`, 'Fix the file first.');
};

// Our wording: the library's messages address programmers.
const problems: Readonly<Partial<Record<ErrorCode, string>>> = {
  MULTIPLE_DOCS: 'a second document starts here, but a kubeconfig has only one',
  DUPLICATE_KEY: 'duplicate key',
  TAB_AS_INDENT: 'indented with a tab',
  BAD_INDENT: 'wrong indentation, or an unclosed bracket or quote',
  BAD_ALIAS: 'undefined alias (*NAME)',
  BAD_DQ_ESCAPE: 'invalid escape sequence',
  BAD_SCALAR_START: 'a value that starts with this character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'more than one colon on a line',
  MISSING_CHAR: 'missing a colon, comma, quote, or bracket',
  MULTILINE_IMPLICIT_KEY: 'a key spans more than one line; a colon may be missing',
  UNEXPECTED_TOKEN: 'unexpected content',
};

/**
 * Adds an entry to the list `key`, or replaces the one with the same name. Only the entry's own lines change: the rest
 * of the file is the user's, with comments and layout that parsing and printing would alter.
 */
export const setEntry = (own: string, key: string, entry: Entry): string => {
  const text = freeEntry(own, key, entry.name);
  const doc = parse(text);
  const change = (document: Document): void => {
    const list = listIn(document, key);
    const at = indexOf(document, list, entry.name);
    if (at < 0) list.add(document.createNode(entry));
    else list.set(at, document.createNode(entry));
  };
  return changed(text, change, () => spliceIn(text, doc, key, entry));
};

/** Removes the entry with this name from the list `key`; a text without it is returned unchanged. */
export const removeEntry = (own: string, key: string, name: string): string => {
  const text = freeEntry(own, key, name);
  const doc = parse(text);
  const pair = pairOf(doc, key);
  if (!isSeq(pair?.value) || indexOf(doc, pair.value, name) < 0) return text;
  const list = pair.value;
  const at = indexOf(doc, list, name);
  const change = (d: Document): void => void listIn(d, key).delete(at);
  return changed(text, change, () => {
    const lines = linesOf(text, list, at);
    if (lines === undefined) return undefined;
    if (list.items.length === 1) return replaceValue(text, pair, ' []', lines.to);
    return text.slice(0, lines.from) + text.slice(lines.to);
  });
};

/** Sets a top-level scalar. */
export const setScalar = (own: string, key: string, value: string): string => {
  const before = parse(own);
  const text = freeAnchors(own, before, pairOf(before, key)?.value);
  const doc = parse(text);
  const pair = pairOf(doc, key);
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  return changed(
    text,
    (d) => d.set(key, value),
    () => (pair === undefined ? atEnd(text, `${key}: ${written}\n`) : replaceValue(text, pair, ` ${written}`)),
  );
};

// The spliced text is used only if it parses to the intended change; flow style and oddities are printed in full.
const changed = (text: string, change: (doc: Document) => void, splice: () => string | undefined): string => {
  const wanted = parse(text);
  change(wanted);
  const spliced = splice();
  try {
    const whole =
      spliced !== undefined && hasValue(spliced, wanted.toJS()) ? spliced : wanted.toString({ lineWidth: 0 });
    return withEndsOf(text, whole);
  } catch (cause) {
    const message = 'Cannot replace a value that an alias (*NAME) in the kubeconfig refers to';
    throw new OperatorError('invalid-input', message, { cause, remedy: 'Replace the alias with its value first.' });
  }
};

// Keeps CRLF in a file that uses only CRLF.
const withEndsOf = (text: string, whole: string): string => {
  const bare = /(?<!\r)\n/g;
  return text.includes('\r\n') && text.search(bare) < 0 ? whole.replace(bare, '\r\n') : whole;
};

const hasValue = (text: string, wanted: unknown): boolean => {
  const doc = parseDocument(text);
  try {
    return doc.errors.length === 0 && isDeepStrictEqual(doc.toJS(), wanted);
  } catch {
    return false; // a dangling alias
  }
};

const spliceIn = (text: string, doc: Document.Parsed, key: string, entry: Entry): string | undefined => {
  const pair = pairOf(doc, key);
  if (pair === undefined) return atEnd(text, `${key}:\n${block(entry, '', text)}`);
  const list = pair.value;
  if (!isSeq(list) || list.items.length === 0) return replaceValue(text, pair, `\n${block(entry, '', text).trimEnd()}`);
  const at = indexOf(doc, list, entry.name);
  const lines = linesOf(text, list, at < 0 ? list.items.length - 1 : at);
  if (lines === undefined) return undefined;
  const from = at < 0 ? lines.to : lines.from;
  const before = text.slice(0, from);
  return (before === '' ? '' : closed(before)) + block(entry, lines.indent, text) + text.slice(lines.to);
};

const block = (entry: Entry, indent: string, like: string): string => {
  const lines = stringify([entry], { lineWidth: 0 }).replace(/^(?=.)/gm, indent);
  return like.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines;
};

// After the last key, before the document end marker (`...`) if there is one.
const atEnd = (text: string, added: string): string => {
  const end = /^\.\.\.(?=\s|$)/m.exec(text)?.index ?? text.length;
  return closed(text.slice(0, end)) + added + text.slice(end);
};

// Before an entry is replaced or removed, moves out anchors that others use.
const freeEntry = (text: string, key: string, name: string): string => {
  if (!text.includes('&')) return text;
  const doc = parse(text);
  const list = pairOf(doc, key)?.value;
  return isSeq(list) ? freeAnchors(text, doc, list.items[indexOf(doc, list, name)]) : text;
};

const closed = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

// Lines of one item of a block-style list, including its dash.
const linesOf = (text: string, list: YAMLSeq, at: number) => {
  const item = list.items[at];
  if (list.flow === true || !isMap(item) || !item.range) return undefined;
  const dash = text.lastIndexOf('-', item.range[0]);
  const from = text.lastIndexOf('\n', dash) + 1;
  const indent = text.slice(from, dash);
  if (dash < 0 || indent.trim() !== '' || text.slice(dash + 1, item.range[0]).trim() !== '') return undefined;
  const end = item.range[1];
  const newline = text.indexOf('\n', end);
  const to = text[end - 1] === '\n' ? end : newline < 0 ? text.length : newline + 1;
  return { from, to, indent };
};

// Replaces what follows `key:`, up to the end of the value (or `until`).
const replaceValue = (text: string, pair: Pair, written: string, until?: number): string | undefined => {
  const { key, value } = pair;
  if (!isScalar(key) || !key.range) return undefined;
  const colon = text.indexOf(':', key.range[1]);
  const end = until ?? (isScalar(value) || isSeq(value) ? value.range?.[1] : undefined) ?? colon + 1;
  const rest = text.slice(end);
  return text.slice(0, colon + 1) + written + (until !== undefined && rest !== '' ? '\n' : '') + rest;
};

const pairOf = (doc: Document, key: string): Pair | undefined =>
  mapOf(doc)?.items.find((pair) => isScalar(pair.key) && pair.key.value === key);

const mapOf = (doc: Document): YAMLMap | undefined => (isMap(doc.contents) ? doc.contents : undefined);

const listIn = (doc: Document, key: string): YAMLSeq => {
  if (!isSeq(doc.get(key))) doc.set(key, doc.createNode([]));
  const list = doc.get(key);
  if (isSeq(list)) return list;
  throw invalid(`Invalid kubeconfig: ${key} is not a list`);
};

const indexOf = (doc: Document, list: YAMLSeq, name: string): number => {
  const meant = (node: unknown): unknown => (isAlias(node) ? node.resolve(doc) : node);
  return list.items.findIndex((item) => {
    const map = meant(item);
    const named = isMap(map) ? meant(map.get('name', true)) : undefined;
    return isScalar(named) && named.value === name;
  });
};
