import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parted } from './cache.ts';
import { keyOf } from './key.ts';
import { run } from './run.ts';
import type { Say } from './say.ts';

// The newest Debian whose systemd (252) still runs on version 1 of the kernel's control groups without being asked to.
const release = 'bookworm';

/** What Ubuntu's cloud image has and the startup script, kubeadm or the kubelet uses. */
const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'kmod', 'procps', 'util-linux', 'mount', 'e2fsprogs', 'netbase'],
  ...['iproute2', 'iptables', 'nftables', 'conntrack', 'socat', 'ethtool', 'iputils-ping'],
  ...['curl', 'ca-certificates', 'openssl', 'python3', 'runc'],
];

/**
 * Folder with a Debian as mmdebstrap makes it (`root/`) and the parts of test images that are Debian's too (`extra/`, one
 * folder per image, see `debianFiles.sh`).
 */
export const baseSystem = (say: Say): Promise<string> =>
  parted('base', keyOf(['base.ts', 'debianFiles.sh'], []), say, async (folder) => {
    say('installing Debian');
    mkdirSync(join(folder, 'extra'));
    const script = join(import.meta.dirname, 'debianFiles.sh');
    const hooks = [
      'mkdir "$1/lab"',
      // The apt of this computer with the settings of the new system, as mmdebstrap itself uses it.
      'cd "$1/lab" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -q download busybox wget nginx nginx-common',
      `cp '${script}' "$1/lab/files.sh" && chroot "$1" sh /lab/files.sh && rm "$1/lab/files.sh"`,
      `mv "$1"/lab/* '${folder}/extra/' && rmdir "$1/lab"`,
    ].map((hook) => `--customize-hook=${hook}`);
    const words = ['--quiet', '--mode=root', '--variant=minbase', '--aptopt=Acquire::Retries "5"', ...hooks];
    const mirror = await mirrorOfThisComputer();
    await run('mmdebstrap', [...words, `--include=${packages.join(',')}`, release, join(folder, 'root'), ...mirror]);
  });

/** The Debian mirror that this computer's apt uses, as one word; no word on another system: mmdebstrap has a default. */
const mirrorOfThisComputer = async (): Promise<string[]> => {
  const own = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (own === undefined || !/^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))) return [];
  const format = ['--format', '$(RELEASE) $(COMPONENT) $(REPO_URI)', 'Created-By: Packages'];
  const lines = (await run('apt-get', ['indextargets', ...format])).split('\n').map((line) => line.split(' '));
  const uri = lines.find(([name, component]) => name === own && component === 'main')?.[2];
  return uri === undefined ? [] : [uri];
};
