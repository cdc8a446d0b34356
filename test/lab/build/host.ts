import { execFileSync } from 'node:child_process';
import { accessSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';
import type { Say } from './say.ts';

// Program → its Debian package.
const needed: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  mmdebstrap: 'mmdebstrap',
  unshare: 'util-linux',
  losetup: 'mount',
  tar: 'tar',
};

/**
 * Reason why the lab cannot run on this computer; undefined if it
 * can. Missing packages are not a reason: apt-get installs them.
 */
export const whyNoLab = (): string | undefined => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it needs Linux on x64';
  if (process.getuid?.() !== 0) return 'machines are namespaces and mounts of their own, which need root';
  const kernel = missingInKernel();
  if (kernel !== undefined) return kernel;
  if (!has('go')) return 'Go (1.26 or newer) is not installed: it builds Kubernetes';
  const missing = missingPrograms();
  if (missing.length > 0 && !has('apt-get')) return `${missing.join(', ')} not installed, and there is no apt-get`;
  return undefined;
};

const missingInKernel = (): string | undefined => {
  const known = readFileSync('/proc/filesystems', 'utf8');
  const absent = ['overlay', 'ext4'].filter((name) => !new RegExp(`\\t${name}$`, 'm').test(known));
  if (absent.length > 0) return `the kernel has no ${absent.join(' and no ')}`;
  if (!existsSync('/dev/loop-control')) return 'there are no loop devices';
  // Tested only with these; a kernel with version 2 alone has no cpu.shares.
  if (!existsSync('/sys/fs/cgroup/memory'))
    return 'control groups of version 1 are not mounted (systemd.unified_cgroup_hierarchy=0)';
  try {
    execFileSync('unshare', ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'namespaces are not permitted here';
  }
};

const missingPrograms = (): string[] => Object.keys(needed).filter((program) => !has(program));

const has = (program: string): boolean =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => isThere(join(folder, program)));

const isThere = (path: string): boolean => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
};

/** Installs the Debian packages needed on this computer to build and run machines. */
export const prepareHost = async (say: Say): Promise<void> => {
  const packages = [...new Set(missingPrograms().map((program) => needed[program]!))];
  if (packages.length === 0) return;
  say(`installing ${packages.join(' ')} on this computer`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const patiently = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=5'];
  await run('apt-get', [...patiently, 'update'], { env });
  await run('apt-get', [...patiently, 'install', '-y', '--no-install-recommends', ...packages], { env });
};
