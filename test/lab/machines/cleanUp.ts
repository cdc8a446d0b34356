import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { removeAllGroups } from './cgroups.ts';
import { ipIn, run, until } from './commands.ts';
import { detachBeneath, unmountBeneath } from './disks.ts';
import { deadNamespace, fabricNamespace, isOurLink, isOurs } from './names.ts';

const endMs = 20_000;

/**
 * Ends and removes everything that an earlier run of the lab left on this computer, however it ended: machines and the
 * lab's own programs, disks, namespaces, control groups, and the machines' folders. Also ends a running lab of the same
 * prefix. Files of persistent disks stay, except those in memory.
 */
export const cleanUp = async (state: string): Promise<void> => {
  await endPrograms();
  await removeAllGroups(); // with all processes in them; machines' mounts end with those
  await detachBeneath(resolve(state));
  await unmountBeneath(resolve(state));
  await removeNamespaces();
  await run('rm', ['-rf', '--one-file-system', join(resolve(state), 'machines')]);
};

const namespaces = async (): Promise<string[]> =>
  (await run('ip', ['netns', 'list']))
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter(isOurs);

// The cleanup itself may run in the fabric.
const endPrograms = async (): Promise<void> => {
  if (!(await namespaces()).includes(fabricNamespace)) return;
  const own = ancestors(process.pid);
  await until("the lab's programs end", endMs, async () => {
    const pids = (await run('ip', ['netns', 'pids', fabricNamespace])).split('\n').filter(Boolean).map(Number);
    const left = pids.filter((pid) => !own.includes(pid));
    for (const pid of left) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
    return left.length === 0;
  });
};

const ancestors = (pid: number): number[] => {
  if (pid <= 1) return [];
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const parent = Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
  return [pid, ...ancestors(parent)];
};

// A namespace persists while the kernel closes its last connections, and
// its interfaces would still be found: they go first.
const removeNamespaces = async (): Promise<void> => {
  const there = await namespaces();
  for (const name of [deadNamespace, fabricNamespace].filter((each) => there.includes(each))) await removeLinks(name);
  for (const name of there) await run('ip', ['netns', 'del', name]);
};

const removeLinks = async (namespace: string): Promise<void> => {
  const links = (await run('ip', ['-n', namespace, '-o', 'link', 'show'])).split('\n').filter(Boolean);
  const names = links.map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? '').filter(isOurLink);
  await ipIn(
    namespace,
    names.map((name) => `link del ${name}`),
  );
};
