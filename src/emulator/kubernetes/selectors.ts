import { OperatorError } from '../../lib/operatorError.ts';
import type { KubeObject } from './kubeObject.ts';

type Test = (object: KubeObject) => boolean;

const bad = (what: string): OperatorError => new OperatorError('bad-request', what);

/** Parses a label selector (`a=b,c!=d,e in (f,g),h,!i`) into a test. */
export const labelTest = (selector: string): Test => {
  const tests = split(selector).map(labelRequirement);
  return (object) => tests.every((t) => t(object.metadata.labels ?? {}));
};

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

// Commas inside parentheses do not separate requirements.
const split = (selector: string): string[] =>
  selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const name = '[A-Za-z0-9][-A-Za-z0-9_./]*';
const setPattern = new RegExp(`^(${name})\\s+(in|notin)\\s+\\(([^)]*)\\)$`);
const equalPattern = new RegExp(`^(${name})\\s*(=|==|!=)\\s*([-A-Za-z0-9_.]*)$`);
const existsPattern = new RegExp(`^(!?)\\s*(${name})$`);

const labelRequirement = (part: string): LabelTest => {
  const set = setPattern.exec(part);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((s) => s.trim());
    const key = set[1] ?? '';
    return (labels) => values.includes(labels[key] ?? '\0') === (set[2] === 'in');
  }
  const equal = equalPattern.exec(part);
  if (equal !== null) {
    const key = equal[1] ?? '';
    return (labels) => (labels[key] === equal[3]) === (equal[2] !== '!=');
  }
  const exists = existsPattern.exec(part);
  if (exists === null) throw bad(`unable to parse requirement: ${part}`);
  const key = exists[2] ?? '';
  return (labels) => (labels[key] !== undefined) === (exists[1] === '');
};

/** Fields that the real API server supports in field selectors, for the kinds served here. */
const fields: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec.nodeName', 'spec.restartPolicy', 'status.phase', 'status.podIP'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

const everywhere = ['metadata.name', 'metadata.namespace'];

/** Parses a field selector (`spec.nodeName=a,status.phase!=Failed`) into a test. */
export const fieldTest = (selector: string, kind: string): Test => {
  const tests = split(selector).map((part) => fieldRequirement(part, kind));
  return (object) => tests.every((t) => t(object));
};

const fieldRequirement = (part: string, kind: string): Test => {
  const match = /^([A-Za-z.]+)(==|=|!=)(.*)$/.exec(part);
  if (match === null) throw bad(`invalid selector: '${part}'; can't understand '${part}'`);
  const [, path = '', operator, value = ''] = match;
  if (!everywhere.includes(path) && fields[kind]?.includes(path) !== true)
    throw bad(`field label not supported: ${path}`);
  return (object) => (fieldOf(object, path.split('.')) === value) === (operator !== '!=');
};

const fieldOf = (value: unknown, path: readonly string[]): string => {
  const [first, ...rest] = path;
  if (first === undefined) return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
  const isObject = typeof value === 'object' && value !== null;
  return fieldOf(isObject ? Object.entries(value).find(([key]) => key === first)?.[1] : undefined, rest);
};
