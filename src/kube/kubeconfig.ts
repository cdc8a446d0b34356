import { isUtf8 } from 'node:buffer';
import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { createEmpty } from '../lib/atomicFile.ts';
import { checkFolder, codeOf, fileProblem } from '../lib/folder.ts';
import { readRegular } from '../lib/onDisk.ts';
import { invalid, OperatorError } from '../lib/operatorError.ts';
import { asItIs, streamNumber, writePersonFile } from '../lib/personFile.ts';
import { readYaml, removeEntry, setEntry, setScalar } from './yamlText.ts';

const body = v.nullish(v.record(v.string(), v.unknown()), {});
const name = v.string();
const kubeconfigSchema = v.object({
  'current-context': v.nullish(v.string(), ''),
  clusters: v.nullish(v.array(v.object({ name, cluster: body })), []),
  users: v.nullish(v.array(v.object({ name, user: body })), []),
  contexts: v.nullish(
    v.array(
      v.object({
        name,
        context: v.nullish(v.looseObject({ cluster: v.nullish(v.string(), ''), user: v.nullish(v.string(), '') })),
      }),
    ),
    [],
  ),
});

const read = (text: string): v.InferOutput<typeof kubeconfigSchema> => {
  const parsed = v.safeParse(kubeconfigSchema, readYaml(text) ?? {});
  if (parsed.success) return parsed.output;
  throw invalid(`Invalid kubeconfig: ${v.getDotPath(parsed.issues[0]) ?? 'top level'}`, 'Fix the file first.');
};

/** The cluster and user of a kubeconfig's current context. */
const current = (text: string) => {
  const all = read(text);
  const context = all.contexts.find((c) => c.name === all['current-context'])?.context;
  const cluster = all.clusters.find((c) => c.name === context?.cluster);
  const user = all.users.find((u) => u.name === context?.user);
  if (!context || !cluster || !user) throw invalid('Invalid kubeconfig: no current context with a cluster and a user');
  return { context, cluster, user };
};

/**
 * Merges the current cluster, user, and context of `added` into the user's own kubeconfig, all three under one name, as
 * `kubectl config` would. Everything else stays the same, byte for byte. `select` makes it the current context.
 */
export const mergeEntries = (own: string, added: string, context: string, select: boolean): string => {
  const from = current(added);
  refuseDuplicates(read(own));
  let text = own;
  if (readYaml(own) === null) text = setScalar(setScalar(text, 'apiVersion', 'v1'), 'kind', 'Config');
  text = setEntry(text, 'clusters', { name: context, cluster: from.cluster.cluster });
  text = setEntry(text, 'users', { name: context, user: from.user.user });
  text = setEntry(text, 'contexts', { name: context, context: { ...from.context, cluster: context, user: context } });
  return select ? setScalar(text, 'current-context', context) : text;
};

// kubectl cannot represent duplicates: it would drop one of the two.
const refuseDuplicates = ({ clusters, users, contexts }: v.InferOutput<typeof kubeconfigSchema>): void => {
  const lists = { cluster: clusters, user: users, context: contexts };
  const twice = Object.entries(lists).flatMap(([kind, list]) => {
    const all = list.map((entry) => entry.name);
    return [...new Set(all.filter((name, n) => all.indexOf(name) < n))].map((name) => `${kind} "${name}"`);
  });
  if (twice.length > 0)
    throw invalid(`Invalid kubeconfig, duplicate names: ${twice.join(', ')}`, 'Fix the file first.');
};

/** Removes the cluster, user, and context of this name; if it was the current context, none is current afterward. */
export const removeEntries = (own: string, context: string): string => {
  const was = read(own)['current-context'];
  const lists = ['clusters', 'users', 'contexts'];
  const text = lists.reduce((rest, list) => removeEntry(rest, list, context), own);
  return was === context ? setScalar(text, 'current-context', '') : text;
};

/** Routes the current cluster through an HTTP CONNECT proxy, in kubectl's format. */
export const setProxy = (text: string, proxy: string): string => {
  const { cluster } = current(text);
  return setEntry(text, 'clusters', { name: cluster.name, cluster: { ...cluster.cluster, 'proxy-url': proxy } });
};

/**
 * Changes a kubeconfig file under kubectl's own lock file (client-go's tools/clientcmd: `<file>.lock`, created
 * exclusively, without waiting). Owner, mode, and links are kept; a new file is private to its owner.
 */
export const changeKubeconfigFile = (file: string, change: (own: string) => string): void => {
  if (existsSync(file) && !mayBeFile(file))
    throw invalid(`Cannot merge into a pipe or a device: ${file}`, 'Set KUBECONFIG to a file.');
  const unlock = takeLock(file);
  try {
    const own = existsSync(file) ? readOwn(file) : '';
    const next = changeNamingFile(file, own, change);
    if (next !== own) writePersonFile(' the kubeconfig', file, next, asItIs, 'Check the permissions.');
  } finally {
    unlock();
  }
};

/** Removes the cluster, user, and context of this name from a kubeconfig file; false if it contains none of them. */
export const removeFromKubeconfigFile = (file: string, context: string): boolean => {
  if (!existsSync(file) || !mayBeFile(file) || !bytesOf(file).includes(context)) return false;
  changeKubeconfigFile(file, (own) => removeEntries(own, context));
  return true;
};

// Reading a pipe would block forever, and /dev/fd/N cannot be replaced. A folder fails later, on reading.
const mayBeFile = (file: string): boolean => {
  const found = statSync(file);
  return streamNumber(file) === undefined && (found.isFile() || found.isDirectory());
};

// In a read-only folder, no process can create a lock, not even kubectl: an existing file is still written, without
// one.
const takeLock = (file: string): (() => void) => {
  const lock = `${file}.lock`;
  if (!existsSync(file)) checkFolder("The kubeconfig's folder", dirname(file), 'Set KUBECONFIG to another file.');
  try {
    createEmpty(lock);
    return () => rmSync(lock, { force: true });
  } catch (cause) {
    const code = codeOf(cause) ?? '';
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return () => undefined;
    if (code !== 'EEXIST')
      throw invalid(`Cannot write the kubeconfig: ${file}, ${fileProblem(cause)}`, 'Check the permissions.');
    throw new OperatorError('conflict', `Another program is changing the kubeconfig: ${file}`, {
      cause,
      retry: 'soon',
      remedy: `Try again. If no other tool such as kubectl is running, delete ${lock}`,
    });
  }
};

const readOwn = (file: string): string => decoded(file, bytesOf(file));

const bytesOf = (file: string): Buffer => {
  try {
    return readRegular(file);
  } catch (error) {
    throw invalid(`Cannot read the kubeconfig: ${file}, ${fileProblem(error)}`, 'Set KUBECONFIG to another file.');
  }
};

// A file that cannot be decoded completely cannot be written back completely.
const decoded = (file: string, bytes: Buffer): string => {
  if (isUtf8(bytes)) return bytes.toString();
  const lines = bytes.toString('latin1').split('\n');
  const line = 1 + lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1')));
  throw invalid(`Invalid kubeconfig: line ${line} is not valid UTF-8 (${file})`, 'Save it as UTF-8 first.');
};

const changeNamingFile = (file: string, own: string, change: (own: string) => string): string => {
  try {
    return change(own);
  } catch (error) {
    if (!OperatorError.is(error, 'invalid-input')) throw error;
    const { remedies: remedy } = error;
    throw new OperatorError('invalid-input', `${error.message} (${file})`, { cause: error, remedy });
  }
};
