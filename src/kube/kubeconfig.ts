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

/** What the current context of a kubeconfig points to. */
const current = (text: string) => {
  const all = read(text);
  const context = all.contexts.find((c) => c.name === all['current-context'])?.context;
  const cluster = all.clusters.find((c) => c.name === context?.cluster);
  const user = all.users.find((u) => u.name === context?.user);
  if (!context || !cluster || !user) throw invalid('Invalid kubeconfig: no current context with a cluster and a user');
  return { context, cluster, user };
};

/**
 * Puts the cluster, user and context that are current in `added` into the person's own kubeconfig, all three under one name,
 * as `kubectl config` would. Everything else in it stays as it is, byte for byte. `select` makes the context the current one.
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

// kubectl reads no such file: in what it would make of it one of the two would be lost.
const refuseDuplicates = ({ clusters, users, contexts }: v.InferOutput<typeof kubeconfigSchema>): void => {
  const lists = { cluster: clusters, user: users, context: contexts };
  const twice = Object.entries(lists).flatMap(([kind, list]) => {
    const all = list.map((entry) => entry.name);
    return [...new Set(all.filter((name, n) => all.indexOf(name) < n))].map((name) => `${kind} "${name}"`);
  });
  if (twice.length > 0)
    throw invalid(`Invalid kubeconfig, duplicate names: ${twice.join(', ')}`, 'Fix the file first.');
};

/** Takes the cluster, user and context of this name out; if it was current, no context is afterwards. */
export const removeEntries = (own: string, context: string): string => {
  const was = read(own)['current-context'];
  const lists = ['clusters', 'users', 'contexts'];
  const text = lists.reduce((rest, list) => removeEntry(rest, list, context), own);
  return was === context ? setScalar(text, 'current-context', '') : text;
};

/** Makes the current cluster be reached through an HTTP CONNECT proxy, as kubectl understands it. */
export const setProxy = (text: string, proxy: string): string => {
  const { cluster } = current(text);
  return setEntry(text, 'clusters', { name: cluster.name, cluster: { ...cluster.cluster, 'proxy-url': proxy } });
};

/**
 * Changes a kubeconfig file under the lock file that kubectl honours as well (client-go's tools/clientcmd: `<file>.lock`, made
 * exclusively, not waited for). Owner, mode and links stay; a new file is its owner's only.
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

/** Takes the cluster, user and context of this name out of a kubeconfig file; false where it does not have them. */
export const removeFromKubeconfigFile = (file: string, context: string): boolean => {
  if (!existsSync(file) || !mayBeFile(file) || !bytesOf(file).includes(context)) return false;
  changeKubeconfigFile(file, (own) => removeEntries(own, context));
  return true;
};

// A pipe would be waited for without an end, and /dev/fd/N cannot be replaced. A folder is refused when it is read.
const mayBeFile = (file: string): boolean => {
  const found = statSync(file);
  return streamNumber(file) === undefined && (found.isFile() || found.isDirectory());
};

// In a folder that takes no new file nobody can have a lock, kubectl neither: a file that is there is written all the same.
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

// What cannot be read whole cannot be written back whole.
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
