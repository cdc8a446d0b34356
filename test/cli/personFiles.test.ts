import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { emulatorProcess, program, run, trizone } from '../support/commandLine.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const skip = !isRoot && 'mounts and other owners need root on Linux';

const own = 'apiVersion: v1\nkind: Config\n# by hand\nclusters: []\nusers: []\ncontexts: []\ncurrent-context: ""\n';

test(
  "root's merge into a user's file keeps owner, mode and link; a file that is a mount of its own is written in place",
  { skip },
  async (t) => {
    const { env, home } = await emulatorProcess(t, 0.005);
    const made = await trizone(['up', '--zone', 'europe-west1-b', '--yes'], env);
    assert.equal(made.code, 0, made.err);

    await t.test('owner, mode and link', async () => {
      const real = join(home, 'real');
      writeFileSync(real, own);
      chmodSync(real, 0o640);
      chownSync(real, 1234, 2345);
      mkdirSync(join(home, '.kube'));
      const link = join(home, '.kube', 'config');
      symlinkSync('../real', link);
      const merged = await trizone(['kubeconfig', '--merge'], { ...env, KUBECONFIG: link });
      assert.equal(merged.code, 0, merged.err);
      const { uid, gid, mode } = statSync(real);
      assert.deepEqual([uid, gid, mode & 0o777], [1234, 2345, 0o640]);
      assert.match(readFileSync(real, 'utf8'), /# by hand[^]*demo_kubernetes/);
    });

    await t.test('a bind mount', async () => {
      const [outside, inside] = [join(home, 'outside'), join(home, 'inside')];
      writeFileSync(outside, own);
      chmodSync(outside, 0o640);
      writeFileSync(inside, '');
      const script = 'mount --bind "$1" "$2" && KUBECONFIG="$2" "$3" "$4" kubeconfig --merge';
      const words = ['-m', 'sh', '-c', script, 'sh', outside, inside, process.execPath, program];
      const merged = await run('unshare', words, env);
      assert.equal(merged.code, 0, merged.err);
      assert.match(readFileSync(outside, 'utf8'), /# by hand[^]*demo_kubernetes/);
      assert.equal(statSync(outside).mode & 0o777, 0o640);
      assert.equal(readFileSync(inside, 'utf8'), '', 'the file under the mount was written');
    });

    await t.test('a full disk says so, and the file is as it was', async () => {
      const disk = join(home, 'disk');
      mkdirSync(disk);
      const script =
        'mount -t tmpfs -o size=64k none "$1" && cp "$2" "$1/config" && (head -c 60000 /dev/zero; head -c 60000 /dev/zero) > "$1/filler"; ' +
        'KUBECONFIG="$1/config" "$3" "$4" kubeconfig --merge; code=$?; cmp "$2" "$1/config" || exit 99; exit $code';
      const before = join(home, 'before');
      writeFileSync(before, `${own}# ${'x'.repeat(4000)}\n`);
      const words = ['-m', 'sh', '-c', script, 'sh', disk, before, process.execPath, program];
      const merged = await run('unshare', words, env);
      assert.equal(merged.code, 1, merged.err);
      assert.match(merged.err, /^Error \(disk\): Cannot write the kubeconfig: .*config, no space left$/m);
    });
  },
);

test('--output to a stream is the kubeconfig and nothing else, and a pipe is no kubeconfig to merge into', async (t) => {
  const { env, home } = await emulatorProcess(t, 0.005);
  const made = await trizone(['up', '--zone', 'europe-west1-b', '--yes'], env);
  assert.equal(made.code, 0, made.err);
  const { out: expected } = await trizone(['kubeconfig'], env);
  assert.match(expected, /^apiVersion/);
  const script = (line: string) => run('bash', ['-c', line, 'bash', process.execPath, program], { ...env, HOME: home });
  for (const line of [
    '"$@" kubeconfig --output - | cat',
    '"$@" kubeconfig --output /dev/stdout | cat',
    '"$@" kubeconfig --output /dev/fd/1 --json | cat',
    '"$@" kubeconfig --output /dev/fd/3 3>&1 >/dev/null | cat',
    '"$@" kubeconfig --output /dev/stderr 2>&1 >/dev/null | cat',
    '"$@" kubeconfig --output /dev/stdout > "$HOME/k" && cat "$HOME/k"',
  ])
    assert.deepEqual(await script(line), { code: 0, out: expected, err: '' }, line);
  const closed = await script('"$@" kubeconfig --output /dev/fd/99');
  assert.equal(closed.code, 2);
  assert.match(closed.err, /^Error \(invalid-input\): Cannot write: \/dev\/fd\/99, not open\n {2}Choose a file/);
  const spaced = await script('"$@" kubeconfig --output "$HOME/a b"');
  assert.ok(spaced.out.endsWith(`To use it, run: kubectl --kubeconfig '${join(home, 'a b')}' get nodes\n`), spaced.out);
  const merged = await script('KUBECONFIG=<(echo "apiVersion: v1") "$@" kubeconfig --merge');
  assert.equal(merged.code, 2);
  assert.match(
    merged.err,
    /^Error \(invalid-input\): Cannot merge into a pipe or a device: \/dev\/fd\/\d+\n {2}Set KUBECONFIG to a file\.$/m,
  );
});
