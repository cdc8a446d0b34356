import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  type ErrorCode,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { invalid } from '../lib/operatorError.ts';

/** An entry of one of a kubeconfig's lists. */
export interface Entry {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** The content of a YAML text; a broken one is refused with its place. */
export const readYaml = (text: string): unknown => {
  const doc = parse(text);
  try {
    return doc.toJS() as unknown;
  } catch {
    throw invalid('Not valid YAML: an alias (*NAME) that leads nowhere, or to too much', 'Repair the file first.');
  }
};

const parse = (text: string): Document.Parsed => {
  const doc = parseDocument(text);
  const error = doc.errors[0];
  if (error === undefined) return doc;
  const [place] = error.linePos ?? [];
  const where = place === undefined ? '' : `line ${place.line}, column ${place.col}: `;
  throw invalid(
    `Not valid YAML: ${where}${problems[error.code] ?? 'this cannot be understood'}`,
    'Repair the file first.',
  );
};

// In our words: the library's speak to who calls it.
const problems: Readonly<Partial<Record<ErrorCode, string>>> = {
  MULTIPLE_DOCS: 'a second document begins here; a kubeconfig is one',
  DUPLICATE_KEY: 'a key that this map has already',
  TAB_AS_INDENT: 'indented by a tab',
  BAD_INDENT: 'not indented as it must be here; or is a bracket or a quote still open?',
  BAD_ALIAS: 'an alias (*NAME) that leads nowhere',
  BAD_DQ_ESCAPE: 'a backslash with an unknown letter after it',
  BAD_SCALAR_START: 'a text that begins with this sign must be in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'more than one colon in a line',
  MISSING_CHAR: 'a sign is missing: a colon, a comma, a quote or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a key in more than one line; is a colon missing?',
  UNEXPECTED_TOKEN: 'nothing is expected here',
};

/**
 * Puts an entry into the list `key`, in the place of one with the same name. Only the entry's own lines change: the rest of the
 * file is somebody else's, with comments and layout that a parse-and-print would alter.
 */
export const setEntry = (text: string, key: string, entry: Entry): string => {
  const doc = parse(text);
  const change = (d: Document): void => {
    const list = listIn(d, key);
    const at = indexOf(list, entry.name);
    if (at < 0) list.add(d.createNode(entry));
    else list.set(at, d.createNode(entry));
  };
  return changed(text, change, () => spliceIn(text, doc, key, entry));
};

/** Takes the entry with this name out of the list `key`; a text without it comes back as it was. */
export const removeEntry = (text: string, key: string, name: string): string => {
  const doc = parse(text);
  const pair = pairOf(doc, key);
  if (!isSeq(pair?.value) || indexOf(pair.value, name) < 0) return text;
  const list = pair.value;
  const at = indexOf(list, name);
  const change = (d: Document): void => void listIn(d, key).delete(at);
  return changed(text, change, () => {
    const lines = linesOf(text, list, at);
    if (lines === undefined) return undefined;
    if (list.items.length === 1) return replaceValue(text, pair, ' []', lines.to);
    return text.slice(0, lines.from) + text.slice(lines.to);
  });
};

/** Sets a top-level scalar. */
export const setScalar = (text: string, key: string, value: string): string => {
  const doc = parse(text);
  const pair = pairOf(doc, key);
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  return changed(
    text,
    (d) => d.set(key, value),
    () => (pair === undefined ? `${closed(text)}${key}: ${written}\n` : replaceValue(text, pair, ` ${written}`)),
  );
};

// The spliced text counts only if it says exactly what the change says; flow style and oddities take the slow way.
const changed = (text: string, change: (doc: Document) => void, splice: () => string | undefined): string => {
  const wanted = parse(text);
  change(wanted);
  const spliced = splice();
  if (spliced !== undefined) {
    const again = parseDocument(spliced);
    if (again.errors.length === 0 && isDeepStrictEqual(again.toJS(), wanted.toJS())) return spliced;
  }
  return wanted.toString({ lineWidth: 0 });
};

const spliceIn = (text: string, doc: Document.Parsed, key: string, entry: Entry): string | undefined => {
  const pair = pairOf(doc, key);
  if (pair === undefined) return `${closed(text)}${key}:\n${block(entry, '', text)}`;
  const list = pair.value;
  if (!isSeq(list) || list.items.length === 0) return replaceValue(text, pair, `\n${block(entry, '', text).trimEnd()}`);
  const at = indexOf(list, entry.name);
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

const closed = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

// Lines of one item of a list in block style, its dash included.
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
  throw invalid(`Not a kubeconfig: ${key} is not a list`);
};

const indexOf = (list: YAMLSeq, name: string): number =>
  list.items.findIndex((item) => isMap(item) && item.get('name') === name);
