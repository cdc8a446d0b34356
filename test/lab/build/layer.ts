import { chmodSync, cpSync, linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

/** Where packages and release archives put the programs. runc is Debian's. */
const placed: Readonly<Record<string, readonly string[]>> = {
  'usr/bin': ['kubeadm', 'kubelet', 'kubectl'],
  'usr/local/bin': ['containerd', 'containerd-shim-runc-v2', 'ctr'],
};

const enabled: Readonly<Record<string, readonly string[]>> = {
  'multi-user.target.wants': ['google-guest-agent.service', 'google-startup-scripts.service'],
  'sysinit.target.wants': ['trizone-lab-trust.service', 'trizone-lab-sysctl.service'],
};

/**
 * Units that would reach for hardware or for the whole computer, or that have nothing to do in a machine without either.
 * getty: nobody logs in. systemd-sysctl: see trizone-lab-sysctl.service. logind stays: the kubelet's graceful shutdown uses it.
 */
const masked = [
  ...['systemd-udevd.service', 'systemd-udev-trigger.service', 'systemd-udevd-control.socket'],
  ...['systemd-udevd-kernel.socket', 'systemd-modules-load.service', 'systemd-sysctl.service'],
  ...['systemd-timesyncd.service', 'systemd-networkd.service', 'systemd-hostnamed.service', 'systemd-resolved.service'],
  ...['getty.target', 'console-getty.service', 'getty-static.service', 'systemd-binfmt.service'],
  ...['proc-sys-fs-binfmt_misc.automount', 'proc-sys-fs-binfmt_misc.mount', 'sys-kernel-debug.mount'],
  ...['sys-kernel-tracing.mount', 'sys-kernel-config.mount', 'sys-fs-fuse-connections.mount', 'dev-hugepages.mount'],
  ...['dev-mqueue.mount', 'systemd-remount-fs.service', 'systemd-random-seed.service', 'systemd-update-utmp.service'],
  ...['systemd-update-utmp-runlevel.service', 'systemd-machine-id-commit.service', 'systemd-pstore.service'],
  ...['e2scrub_reap.service', 'e2scrub_all.timer', 'fstrim.timer', 'apt-daily.timer', 'apt-daily-upgrade.timer'],
  ...['dpkg-db-backup.timer', 'systemd-firstboot.service', 'kmod-static-nodes.service', 'modprobe@.service'],
  ...['systemd-tmpfiles-setup-dev.service', 'systemd-journal-flush.service', 'systemd-journald-audit.socket'],
];

/**
 * What lies over Debian in every machine, as an image of somebody's own would carry it: the files of `guest/` and the
 * programs, hard-linked. There is no containerd.service: the startup script brings its own, as on Ubuntu.
 */
export const machineLayer = async (folder: string, bin: string): Promise<void> => {
  cpSync(join(import.meta.dirname, 'guest'), folder, { recursive: true });
  // Whatever the umask of the checkout was.
  await run('chmod', ['-R', 'u=rwX,go=rX', folder]);
  chmodSync(folder, 0o755);
  for (const [to, names] of Object.entries(placed)) linkAll(bin, names, join(folder, to));
  linkAll(join(bin, 'cni'), readdirSync(join(bin, 'cni')), join(folder, 'opt/cni/bin'));
  const units = join(folder, 'etc/systemd/system');
  for (const [target, names] of Object.entries(enabled)) {
    mkdirSync(join(units, target), { recursive: true });
    for (const name of names) symlinkSync(`/usr/lib/systemd/system/${name}`, join(units, target, name));
  }
  for (const unit of masked) symlinkSync('/dev/null', join(units, unit));
};

const linkAll = (from: string, names: readonly string[], to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const name of names) linkSync(join(from, name), join(to, name));
};
