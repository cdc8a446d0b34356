import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { cleanUp } from './cleanUp.ts';
import { until } from './commands.ts';
import { Fabric } from './fabric.ts';
import type { Machine } from './machine.ts';
import { booted, diskOf, imageOfTests, machineOf, newState, reaches, told, addressOf } from './trial.ts';

const disk = '/dev/disk/by-id/google-master-pd';
const mount = ['mount', '-t', 'ext4', '-o', 'discard', disk, '/mnt'];

suite('machines of the lab', { timeout: 180_000 }, () => {
  const state = newState();
  let machine: Machine;
  const serial = (): string => readFileSync(join(state, 'machines/1/serial.log'), 'utf8');

  before(async () => {
    await cleanUp(state);
    const fabric = await Fabric.create();
    const everything = [{ protocol: 'all', ports: [] }];
    const targets = [addressOf(1), addressOf(2)];
    await fabric.setFirewalls([
      { name: 'all', priority: 1000, allow: true, protocols: everything, sources: ['0.0.0.0/0'], targets },
    ]);
    machine = machineOf(state, 1);
    await machine.start();
    await booted(machine);
  });

  after(async () => {
    await cleanUp(state);
    rmSync(state, { recursive: true, force: true });
  });

  test('has its own names and addresses, and systemd as process 1', async () => {
    ok(machine.running);
    equal(await told(machine, 'cat', '/proc/1/comm'), 'systemd');
    equal(await told(machine, 'uname', '-n'), 'machine-1');
    equal(await told(machine, 'getent', 'ahostsv4', 'machine-1').then((text) => text.split(' ')[0]), addressOf(1));
    match(await told(machine, 'ip', '-brief', 'address', 'show', 'eth0'), new RegExp(` ${addressOf(1)}/32`));
    equal(await told(machine, 'cat', '/etc/resolv.conf'), 'nameserver 169.254.169.254');
    ok(await reaches(machine, '169.254.169.254'));
  });

  test('its control groups are its own in every hierarchy', async () => {
    const groups = await told(machine, 'cat', '/proc/1/cgroup');
    for (const line of groups.split('\n')) match(line, /:\/(init\.scope)?$/);
    const hierarchies = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').length;
    equal(groups.split('\n').length, hierarchies);
    // systemd manages no process from outside the machine.
    const procs = await told(machine, 'sh', '-c', 'cat /sys/fs/cgroup/*/cgroup.procs');
    ok(!procs.split('\n').includes('0'), procs);
  });

  test('cannot change the computer that it runs on', async () => {
    const before = readFileSync('/proc/sys/kernel/panic', 'utf8');
    equal(await told(machine, 'cat', '/proc/sys/kernel/panic'), '10');
    for (const path of ['kernel/pid_max', 'vm/swappiness', 'fs/file-max']) {
      const value = readFileSync(`/proc/sys/${path}`, 'utf8').trim();
      notEqual((await machine.run(['sh', '-c', `echo ${value} > /proc/sys/${path}`])).code, 0, path);
    }
    await told(machine, 'sh', '-c', 'echo 7 > /proc/sys/kernel/panic; echo 1 > /proc/sys/net/ipv4/ip_forward');
    equal(readFileSync('/proc/sys/kernel/panic', 'utf8'), before);
  });

  test('its console is kept over reboots', async () => {
    await told(machine, 'sh', '-c', 'echo by hand > /dev/console');
    const unit = ['systemd-run', '--quiet', '--wait', '--property', 'StandardOutput=tty', 'echo', 'by a unit'];
    await told(machine, ...unit);
    await machine.powerCut();
    await machine.start();
    match(serial(), /Welcome to Debian[\s\S]*by hand[\s\S]*by a unit[\s\S]*Welcome to Debian/);
  });

  test('a power cut loses what was not written out, and nothing else', async () => {
    await told(machine, 'mkfs.ext4', '-q', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0,discard', disk);
    await told(machine, ...mount);
    await told(machine, 'sh', '-c', 'echo 1 > /mnt/kept; echo 1 > /root/boot-disk');
    // A replaced file has either its old or its new content.
    const each = (what: string): string => `for n in 1 2 3; do cd /mnt/swapped && ${what}; done`;
    const [old, young, swap] = ['echo old > $n', 'echo new > $n.new', 'mv $n.new $n'].map(each);
    await told(machine, 'sh', '-c', `mkdir /mnt/swapped; ${old}; sync; ${young}; sync; echo 1 > /mnt/lost; ${swap}`);
    const ids = ['/proc/sys/kernel/random/boot_id', '/etc/machine-id'];
    const [boot, id] = await Promise.all(ids.map((file) => told(machine, 'cat', file)));
    await machine.powerCut();
    ok(!machine.running);
    await machine.start();
    await told(machine, ...mount);
    equal(await told(machine, 'ls', '/mnt'), 'kept\nlost+found\nswapped');
    match(await told(machine, 'sh', '-c', each('cat $n')), /^((old|new)\n?){3}$/);
    equal(await told(machine, 'cat', '/root/boot-disk'), '1');
    notEqual(await told(machine, 'cat', ids[0]!), boot);
    equal(await told(machine, 'cat', ids[1]!), id);
  });

  test('shutting down ends everything in order and writes everything out', async () => {
    await booted(machine);
    await told(machine, 'sh', '-c', 'mountpoint -q /mnt || ' + mount.join(' '));
    await told(machine, 'sh', '-c', 'echo 1 > /mnt/late');
    await machine.shutDown();
    ok(!machine.running);
    match(serial(), /Reached target poweroff\.target[^\n]*\s+Shutting down\.\s*$/);
    await rejects(machine.run(['true']), /The machine is off: machine-1/);
    await machine.start();
    await told(machine, ...mount);
    equal(await told(machine, 'cat', '/mnt/late'), '1');
  });

  test('can be shut down in the middle of its boot', async () => {
    await machine.powerCut();
    await machine.start();
    await machine.shutDown();
    match(serial(), /Shutting down\.\s*$/);
    await machine.start();
  });

  test('one that switches itself off is off', async () => {
    await booted(machine);
    await machine.run(['systemctl', 'poweroff']);
    await until('it is off', 20_000, () => !machine.running);
    await machine.start();
    ok(await reaches(machine, '169.254.169.254'));
  });

  test('is a black hole while it is off: its connections hear no farewell', async () => {
    const other = machineOf(state, 2);
    await other.start();
    ok(await reaches(other, addressOf(1)));
    // A connection that exists when the power fails; the other end reads until the connection is closed.
    const listener = 'import socket; s=socket.create_server(("", 7)); c=s.accept()[0]; c.send(b"x"); c.recv(1)';
    const reader = `import socket; s=socket.create_connection(("${addressOf(1)}", 7)); s.settimeout(3); s.recv(1)
try: print("ended", s.recv(1))
except TimeoutError: print("silent")
except OSError as e: print("told", e)`;
    await told(machine, 'systemd-run', '--quiet', 'python3', '-c', listener);
    await told(machine, 'sh', '-c', 'until ss -ltn | grep -q :7; do :; done');
    const heard = told(other, 'python3', '-c', reader);
    await told(other, 'sh', '-c', `until ss -tn | grep -q ${addressOf(1)}:7; do :; done`);
    await machine.powerCut();
    equal(await heard, 'silent');
    const { err } = await other.run(['curl', '--silent', '--show-error', '--max-time', '1', `http://${addressOf(1)}`]);
    match(err, /timed out/);
    await other.remove();
    await machine.start();
  });

  test('a disk serves one machine at a time', async () => {
    const { image, folder } = { image: imageOfTests(), folder: join(state, 'machines/again') };
    const { Machine: Class } = await import('./machine.ts');
    const disks = [{ deviceName: 'master-pd', file: diskOf(state, 1) }];
    // The same disk and address under another ID, before the first machine is gone.
    const again = new Class({ n: 3, id: 'again', hostname: 'machine-1', ip: addressOf(1), disks, folder }, image);
    const order: string[] = [];
    const starting = again.start().then(() => order.push('started'));
    await machine.remove();
    order.push('removed');
    await starting;
    deepEqual(order, ['removed', 'started']);
    ok(await reaches(again, '169.254.169.254'));
    await told(again, ...mount);
    equal(await told(again, 'cat', '/mnt/late'), '1');
    ok(!existsSync(join(state, 'machines/1')));
    await again.remove();
    ok(existsSync(diskOf(state, 1)));
  });

  test('one that cannot start says what it printed', async () => {
    const image = { ...imageOfTests(), layers: ['/nowhere'] };
    await rejects(machineOf(state, 4, image).start(), /did not start: machine-4[\s\S]*mount/);
  });
});
