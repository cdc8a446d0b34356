import { english } from '../../src/lib/message.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { findLeftovers } from '../../src/steps/inventory.ts';
import { cloudWorld } from '../support/cloudWorld.ts';
import { KubeObjects } from '../support/kubeObjects.ts';
import { begin, kill, left, minute } from './made.ts';
import { assertDone } from './verbs.ts';

test('with the API alive Kubernetes cleans up itself, before the first pool goes; what is to be retained stays', async (t) => {
  const { w, kept, disk, balancer } = await begin(t, 'made-alive');
  const p = await w.program();
  const planned = await w.planDown(p);
  assert.ok(planned);
  const [prepared, plan] = planned;
  assert.deepEqual(prepared.warnings, [
    `The data of claim default/data will be lost: disk ${disk} in europe-west1-b will be deleted.`,
    `Disk ${kept} of claim default/keep is kept because its volume has the Retain policy. It continues to be billed.`,
  ]);
  const titles = plan.changes.map((c) => english(c.step.title));
  for (const title of [
    'Release cloud resources created by Kubernetes',
    `Delete forwarding rule ${balancer}`,
    `Delete target pool ${balancer}`,
    `Delete firewall rule k8s-fw-${balancer}`,
    `Delete disk ${disk} in europe-west1-b`,
  ])
    assert.ok(titles.includes(title), title);
  const letGo = plan.changes.find((c) => c.step.id === 'let-go:kubernetes')?.decision;
  assert.ok(letGo?.do === 'delete');
  assert.equal(letGo.detail, 'load balancers of default/web; claims default/data and their data; 1 volume');
  assertDone(await w.apply(p, planned));
  assert.deepEqual(left(w), [kept]);
  const at = (type: string, step: string): number =>
    p.events.findIndex((e) => e.type === type && 'step' in e && e.step?.startsWith(step) === true);
  assert.ok(at('done', 'let-go:') > 0 && at('done', 'let-go:') < at('started', 'remove-instanceGroupManagers:'));
  assert.ok(at('done', `remove-forwardingRules:${balancer}`) < 0, 'the controller removed it');
  const found = await findLeftovers(p.session.world.cloud);
  assert.deepEqual(
    found.map((l) => [l.kind, l.name, l.whose, l.billed]),
    [['disks', kept, 'created by Kubernetes for default/keep, not used by any instance', true]],
  );
});

test('with the API dead what hangs on our network or our machines is listed by name and removed', async (t) => {
  const { w, balancer, disk, kept } = await begin(t, 'made-dead');
  await kill(w);
  const p = await w.program();
  const planned = await w.planDown(p);
  assert.ok(planned);
  assert.deepEqual(planned[0].warnings, [
    `The data of claim default/data will be lost: disk ${disk} in europe-west1-b will be deleted.`,
  ]);
  const titles = planned[1].changes.map((c) => english(c.step.title));
  assert.ok(titles.includes(`Delete target pool ${balancer}`));
  assert.equal(titles.filter((title) => /^Delete (firewall rule|legacy health check) k8s-/.test(title)).length, 3);
  assert.ok(!titles.some((title) => title.includes('Release cloud resources') || title.includes(kept)));
  assertDone(await w.apply(p, planned));
  assert.deepEqual(left(w), [kept]);
});

test('what Kubernetes has not cleaned up after five minutes is swept in the cloud', async (t) => {
  const w = await cloudWorld(t, 'made-late');
  assertDone(await w.up());
  const kube = await KubeObjects.open(w);
  const metadata = { name: 'stuck', finalizers: ['example.com/somebody'] };
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
  await kube.make('/api/v1/namespaces/default/services', { metadata, spec });
  await w.clock.sleep(2 * minute);
  const p = await w.program();
  assertDone((await w.down(p)) ?? assert.fail());
  const [start, end] = ['started', 'done'].map((type) =>
    p.events.find((e) => e.type === type && 'step' in e && e.step === 'let-go:kubernetes'),
  );
  assert.ok(start && end && end.at - start.at >= 5 * minute && end.at - start.at < 6 * minute);
  assert.deepEqual(left(w), []);
});
