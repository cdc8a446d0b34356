import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { lapsedAfterMs, liveHolder, takeLease } from '../../src/engine/lease.ts';
import { startOf } from '../../src/lib/processes.ts';
import { VirtualClock } from '../../src/lib/virtualClock.ts';
import { temporaryFolder } from '../support/engineWorld.ts';

const clock = new VirtualClock(1_000_000_000_000);
// Only Linux tells when a process began without a program of its own.
const noStartTimes = process.platform !== 'linux' && 'this system does not tell when a process began';
const me = { verb: 'up', run: 'r1', since: clock.now() };

test('a second process is refused with who, what and since when', (t) => {
  const folder = temporaryFolder(t);
  takeLease(folder, 'c', me, clock);
  assert.throws(() => takeLease(folder, 'c', me, clock), { code: 'leased', message: /up for 0 s/ });
  takeLease(folder, 'other', me, clock);
});

test('a lease that was given back is free', (t) => {
  const folder = temporaryFolder(t);
  takeLease(folder, 'c', me, clock).release();
  takeLease(folder, 'c', me, clock);
});

const writeHolder = (folder: string, pid: number, more: object = {}): string => {
  const path = join(folder, 'leases', 'c.lock');
  takeLease(folder, 'c', me, clock).release();
  writeFileSync(path, JSON.stringify({ ...me, pid, host: hostname(), ...more }));
  return path;
};

test('the lease of a dead process is taken over at once', (t) => {
  const folder = temporaryFolder(t);
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const path = writeHolder(folder, dead);
  takeLease(folder, 'c', me, clock);
  assert.match(readFileSync(path, 'utf8'), new RegExp(`"pid":${process.pid}`));
});

test('a living holder is taken over only when its heartbeat lapsed, and only when asked', (t) => {
  const folder = temporaryFolder(t);
  const path = writeHolder(folder, process.pid);
  const at = clock.now() / 1000;
  utimesSync(path, at - 10, at - 10);
  assert.throws(() => takeLease(folder, 'c', me, clock, true), { code: 'leased' });
  utimesSync(path, at - 70, at - 70);
  assert.throws(() => takeLease(folder, 'c', me, clock), { code: 'leased' });
  takeLease(folder, 'c', me, clock, true);
});

test('a process id that was given out again holds nothing', { skip: noStartTimes }, (t) => {
  const folder = temporaryFolder(t);
  takeLease(folder, 'c', me, clock);
  const path = join(folder, 'leases', 'c.lock');
  const mine = JSON.parse(readFileSync(path, 'utf8')) as { started: string };
  assert.equal(mine.started, startOf(process.pid));
  assert.equal(mine.started, readFileSync('/proc/self/stat', 'utf8').split(' ')[21]); // no blank in the name of ours
  assert.throws(() => takeLease(folder, 'c', me, clock), { code: 'leased' });
  writeFileSync(path, JSON.stringify({ ...mine, run: 'old', started: `${Number(mine.started) - 1}` }));
  const at = clock.now() / 1000;
  utimesSync(path, at, at);
  assert.equal(liveHolder(folder, 'c', clock), undefined);
  takeLease(folder, 'c', me, clock);
});

test('after the clock was set back, a holder that does not beat can be taken over as before', (t) => {
  const folder = temporaryFolder(t);
  const wall = new VirtualClock(1_000_000_000_000);
  const lease = takeLease(folder, 'c', me, wall);
  lease.beat();
  wall.shift(-3_600_000);
  assert.equal(liveHolder(folder, 'c', wall), undefined);
  lease.beat();
  assert.equal(liveHolder(folder, 'c', wall)?.run, 'r1');
  assert.throws(() => takeLease(folder, 'c', me, wall, true), { code: 'leased' });
  wall.shift(-3_600_000);
  takeLease(folder, 'c', { ...me, run: 'r2' }, wall, true);
  assert.throws(() => lease.beat(), { code: 'leased' });
});

test('a heartbeat notices that the lease was taken over', (t) => {
  const folder = temporaryFolder(t);
  const lease = takeLease(folder, 'c', me, clock);
  lease.beat();
  writeFileSync(join(folder, 'leases', 'c.lock'), '{}');
  assert.throws(() => lease.beat(), { code: 'leased' });
});

test('who holds a cluster is told while its process lives and beats, and no longer', (t) => {
  const folder = temporaryFolder(t);
  const wall = new VirtualClock(Date.parse('2026-01-01'));
  assert.equal(liveHolder(folder, 'p_c', wall), undefined);
  const lease = takeLease(folder, 'p_c', { verb: 'up', run: 'r1', since: wall.now() }, wall);
  lease.beat();
  assert.equal(liveHolder(folder, 'p_c', wall)?.run, 'r1');
  const later = new VirtualClock(wall.now() + lapsedAfterMs + 1);
  assert.equal(liveHolder(folder, 'p_c', later), undefined);
  lease.release();
  assert.equal(liveHolder(folder, 'p_c', wall), undefined);
});
