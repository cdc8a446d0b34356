import { OperatorError } from '../lib/operatorError.ts';
import type { EtcdMember } from './kubernetes.ts';

const certificates = '/etc/kubernetes/pki/etcd';

/** An etcdctl command line for a master's static pod; certificate paths are kubeadm's. */
export const etcdctl = (...words: string[]): string[] => etcdctlAt(['https://127.0.0.1:2379'], ...words);

/** The same, with the client URLs of several members. */
export const etcdctlAt = (endpoints: readonly string[], ...words: string[]): string[] => [
  'etcdctl',
  `--endpoints=${endpoints.join(',')}`,
  `--cacert=${certificates}/ca.crt`,
  `--cert=${certificates}/server.crt`,
  `--key=${certificates}/server.key`,
  '--dial-timeout=1s',
  '--command-timeout=2s', // for a member that is down; ours for the whole command is 5 s
  ...words,
];

// etcd's simple output: one line per item, columns separated by comma and space; IDs in hex.
const columns = (output: string): string[][] =>
  lines(output).map((line) => line.split(',').map((column) => column.trim()));
const lines = (output: string): string[] =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/**
 * Parses the members from `member list` and `endpoint status --cluster`. The latter gains columns with every etcd
 * version, so columns are recognized by their format: the first size is the database, the first two booleans are leader
 * and learner. A member without a status is unhealthy.
 */
export const parseMembers = (list: string, status: string): EtcdMember[] => {
  const states = new Map(columns(status).map((line) => [line[1] ?? '', line]));
  return columns(list).map(([id = '', state = '', name = '', peerUrl = '', clientUrl = '', learner = '']) => {
    if (!/^[0-9a-f]{1,16}$/.test(id)) throw new OperatorError('kubernetes', `Not an etcd member: ${id}`);
    const line = states.get(id);
    const size = line?.find((column) => sizePattern.test(column));
    return {
      ...{ id, name, peerUrl, clientUrl, started: state === 'started', learner: learner === 'true' },
      leader: line?.find((column) => column === 'true' || column === 'false') === 'true',
      dbSize: size === undefined ? 0 : bytes(size),
      healthy: line !== undefined && state === 'started',
    };
  });
};

/** Parses `alarm list` (`memberID:… alarm:NOSPACE`). */
export const parseAlarms = (output: string): string[] => lines(output);

const sizePattern = /^(\d+(?:\.\d+)?) ?(B|kB|KB|MB|GB|TB)$/;
const powers: Readonly<Record<string, number>> = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 };

const bytes = (text: string): number => {
  const [, amount = '0', unit = 'B'] = sizePattern.exec(text) ?? [];
  return Math.round(Number(amount) * 1000 ** (powers[unit.toUpperCase()] ?? 0));
};
