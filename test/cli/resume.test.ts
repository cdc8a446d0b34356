import '../support/lean.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { cliCommands } from '../../src/cli/commands.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { labelKeys } from '../../src/model/marker.ts';
import { findRoots } from '../../src/steps/inventory.ts';
import { articleWish, type CloudWorld, type Program } from '../support/cloudWorld.ts';
import { temporaryFolder } from '../support/engineWorld.ts';
import { small } from '../world/stories.ts';
import {
  addPool,
  assertDone,
  assertWhole,
  cluster,
  removeMaster,
  replicate,
  resizePool,
  zoneB,
  zoneC,
} from '../world/verbs.ts';

/** A terminal that nobody sits at; what was said on it. */
const terminal = (): { readonly t: Terminal; readonly said: string[] } => {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const t: Terminal = {
    ...{ json: false, live: false, env: {}, cancel: new AbortController().signal },
    ...{ write: say, log: say, out: say, document: () => undefined, confirm: () => Promise.resolve(false) },
    ...{ atQuit: () => undefined, lost: () => undefined },
  };
  return { t, said };
};

const say = async (p: Program, words: string): Promise<string[]> => {
  const { t, said } = terminal();
  const read = parseCommandLine(words.split(' '), cliCommands);
  await read.command?.inCloud?.(p.session, t, read);
  return said;
};

test('a run that was killed right before its end is validated and ended by resume, and holds nothing any more', async (t) => {
  const w = await small(t, 'nothing left');
  const whole = await w.program();
  assertDone(await resizePool(w, zoneB, 2, whole));
  const killed = await w.program({ crashAt: whole.journals.written - 1 });
  await assert.rejects(resizePool(w, zoneB, 3, killed), /killed/);
  w.bury();
  const p = await w.program();
  const before = w.clock.now();
  const said = await say(p, 'resume --yes');
  assert.ok(said.some((line) => line.includes('No changes needed')));
  assert.ok(
    said.some((line) => line.includes('all checks passed, round 3/3')),
    said.join('\n'),
  );
  assert.ok(w.clock.now() - before >= 10_000, 'three rounds');
  assert.equal(p.session.journals.list()[0]?.state, 'done');
  assert.equal((await findRoots(p.session.world.cloud))[0]?.labels[labelKeys.leaseHolder], undefined);
  await assert.rejects(say(p, 'resume --yes'), { code: 'not-found', message: 'No run to resume' });
});

test('a tear down whose cluster somebody else has taken away is ended by resume', async (t) => {
  const w = await small(t, 'down elsewhere');
  const killed = await w.program({ crashAt: 20 });
  await assert.rejects(w.down(killed), /killed/);
  w.bury();
  const p = await w.program();
  const [run] = p.session.journals.list();
  // The same folder says the verb again, and its journals are another's: the old run does not know.
  const again = await w.program();
  assertDone(await w.down(again));
  assert.equal(again.session.journals.list().find((r) => r.plan.run === run?.plan.run)?.state, 'closed');
});

test('a tear down is gone on with by its name only', async (t) => {
  const w = await small(t, 'typed');
  const killed = await w.program({ crashAt: 20 });
  await assert.rejects(w.down(killed), /killed/);
  w.bury();
  const p = await w.program();
  await assert.rejects(say(p, 'resume --yes'), {
    code: 'invalid-input',
    remedy: 'Pass --yes-delete kubernetes to apply the plan, or --plan to only show it.',
  });
  await say(p, 'resume --yes-delete kubernetes');
  assert.equal(p.session.journals.list()[0]?.state, 'done');
});

test('undo without a name is for the last run, or says which older one could be undone', async (t) => {
  const w = await small(t, 'undo');
  assertDone(await replicate(w, zoneC));
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  assertDone(await resizePool(w, zoneC, 2));
  const p = await w.program();
  const pool = p.session.journals.list().find((r) => r.plan.verb === 'pool-add')?.plan.run ?? '';
  await assert.rejects(say(p, 'undo --yes'), {
    code: 'refused',
    message: /^The last run cannot be undone: \S+ \(pool-resize on kubernetes, done\)$/,
    remedy: `To undo an older run, ${pool} (pool-add on kubernetes, done): trizone undo ${pool}`,
  });
  await say(p, `undo ${pool} --yes`);
  await assertWhole(w, 2, 1);
});

const nameOf = (p: Program, verb: string): string =>
  p.session.journals.list().find((r) => r.plan.verb === verb)?.plan.run ?? assert.fail(`no ${verb}`);

test('a run whose cluster is gone, or whose name is another one by now, is neither taken back nor planned to be', async (t) => {
  const w = await small(t, 'gone');
  assertDone(await addPool(w, zoneC, { nodes: 1 }));
  assertDone(await replicate(w, zoneC));
  const p = await w.program();
  const other = await w.program({ folder: temporaryFolder(t) });
  const asked = ['undo --plan', 'undo --yes'];
  const assertForeign = async (words: RegExp): Promise<void> => {
    for (const verb of ['up', 'pool-add', 'replicate'])
      for (const what of asked)
        await assert.rejects(say(p, what.replace(' ', ` ${nameOf(p, verb)} `)), { code: 'foreign', message: words });
  };
  assertDone(await w.down(other));
  await assertForeign(
    /^Run \S+ is for cluster kubernetes \(uid \w{8}\) in .*, which no longer exists\. Nothing was changed$/,
  );
  assertDone(await w.up(other, { ...articleWish, nodes: 1 }));
  const before = w.resources();
  await assertForeign(
    /^Run \S+ is for cluster .*, and that name now belongs to another cluster: uid \w{8} in europe-west1\. Nothing/,
  );
  assert.deepEqual(w.resources(), before);
});

test('a run that was interrupted says on resume, too, that its cluster is gone or another one', async (t) => {
  const w = await small(t, 'gone before');
  const killed = await w.program({ crashAt: 8 });
  await assert.rejects(addPool(w, zoneC, { nodes: 1 }, killed), /killed/);
  w.bury();
  const p = await w.program();
  const other = await w.program({ folder: temporaryFolder(t) });
  const over = await w.planDown(other, cluster, true);
  assert.ok(over);
  assertDone(await w.apply(other, over));
  await assert.rejects(say(p, 'resume --plan'), { code: 'foreign', message: /, which no longer exists\. / });
  assertDone(await w.up(other, { ...articleWish, nodes: 1 }));
  await assert.rejects(say(p, 'resume --yes'), { code: 'foreign', message: /now belongs to another cluster: uid / });
});

test('undo of a create after other work on the cluster is neither proposed nor planned; down is named', async (t) => {
  const w = await small(t, 'worked');
  assertDone(await resizePool(w, zoneB, 2));
  const p = await w.program();
  await assert.rejects(say(p, 'undo --yes'), {
    code: 'refused',
    message: /^Cannot undo this run: \S+ \(pool-resize on kubernetes, done\)$/,
    remedy: 'See: trizone runs',
  });
  const before = w.resources();
  for (const said of ['--plan', '--yes'])
    await assert.rejects(say(p, `undo ${nameOf(p, 'up')} ${said}`), {
      code: 'refused',
      remedy: 'Nothing was changed. To tear down the whole cluster: trizone down --cluster kubernetes',
    });
  assert.deepEqual(w.resources(), before);
});

test('an undo that was interrupted is proposed to be gone on with', async (t) => {
  const w = await small(t, 'undo killed');
  const killed = await w.program({ crashAt: 12 });
  await assert.rejects(say(killed, 'undo --yes'));
  w.bury();
  const p = await w.program();
  await assert.rejects(say(p, 'undo --yes'), {
    message: /^Cannot undo this run: \S+ \(undo on kubernetes, interrupted\)$/,
    remedy: `To resume it: trizone resume ${nameOf(p, 'undo')}`,
  });
});

test('undo of a replica that is the last master by now is refused with what to do instead', async (t) => {
  const w: CloudWorld = await small(t, 'last');
  assertDone(await replicate(w, zoneC));
  assertDone(await removeMaster(w, 'kubernetes-master'));
  const p = await w.program();
  await assert.rejects(say(p, `undo ${nameOf(p, 'replicate')} --yes`), {
    code: 'refused',
    message: /^kubernetes-master-\w{3} is the last master \(quorum 1 of 1\)$/,
    remedy: 'Tear the cluster down instead: trizone down',
  });
});
