import assert from 'node:assert/strict';
import { openSession } from '../../../src/compose.ts';
import { applyVerb, type Applied } from '../../../src/operate/operate.ts';
import { planVerb } from '../../../src/operate/operator.ts';
import { registeredFirst } from '../../support/registeredFirst.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import { until } from '../machines/commands.ts';
import type { Person } from '../scenario.ts';
import { assertSmall, small, smallGone } from './small.ts';

const replica = { name: 'kubernetes-master-x7k', zone: 'europe-west1-c' } as const;

/**
 * Why the order matters: a replica that is registered before it has joined reaches only itself through the endpoint
 * (hairpin), where nothing listens yet. No other client notices, and undo restores the cluster.
 */
export const order = async (person: Person, cloud: LabCloud): Promise<void> => {
  await person.trizone(['kube-up', '--yes'], small);
  const [endpoint, { error, probed }] = await replicateWrongly(person, cloud);
  assert.equal(error?.code, 'cancelled', error?.message);
  assert.deepEqual([probed?.reads.failed, probed?.writes.failed], [0, 0], 'somebody else noticed');
  await assertRefused(cloud, endpoint);
  await person.trizone(['undo', '--yes']);
  const { clusters } = JSON.parse(await person.trizone(['status', '--json'])) as { clusters: { masters: unknown[] }[] };
  assert.equal(clusters[0]?.masters.length, 1);
  await assertSmall(person);
  cloud.check();
  await smallGone(person);
};

// The machine would retry for half an hour: the run ends once it has reported the error.
const replicateWrongly = async (person: Person, cloud: LabCloud): Promise<[string, Applied]> => {
  console.log(`\n$ (replicate, but registered first: ${replica.name})`);
  // Holds the machine at its secrets until its registration has reached it: a fast one would have joined by then.
  cloud.broken.secretManager = true;
  let reached = Promise.resolve();
  const session = await openSession({ env: person.env });
  const enough = new AbortController();
  let endpoint = '';
  try {
    const prepared = await registeredFirst(session.world, 'kubernetes', replica);
    const plan = await planVerb(session, prepared, enough.signal);
    const result = await applyVerb(session, prepared, plan, {
      ...{ cancel: enough.signal, takeOver: false, probe: true },
      listen: (event) => {
        if (event.type === 'done' && event.step === `register:${replica.name}`) {
          reached = registered(cloud);
          reached.catch(() => enough.abort());
        }
        if (event.type !== 'progress') return;
        console.log(event.text);
        endpoint ||= refusal.exec(event.text)?.[1] ?? '';
        if (endpoint !== '') enough.abort();
      },
    });
    return [endpoint, result];
  } finally {
    await session.close();
    await reached;
  }
};

// The guest agent marks its local routes by protocol.
const registered = async (cloud: LabCloud): Promise<void> => {
  const ownRoutes = ['ip', 'route', 'show', 'table', 'local', 'proto', '66'];
  const machine = cloud.machine(replica.zone, replica.name);
  const hasOne = async (): Promise<boolean> => /\d dev /.test((await machine.run(ownRoutes)).out); // ranges end in /24
  await until('the replica takes the endpoint for itself', 60_000, hasOne);
  cloud.broken.secretManager = false;
};

// curl reports immediately (0 ms) that nothing listens; behind a firewall or on a dead machine it would time out.
const refusal =
  /serial: .*TRIZONE step=await-endpoint .* says="waiting for the endpoint: curl: \(7\) Failed to connect to ([\d.]+) port 443 after 0 ms:/;

const assertRefused = async (cloud: LabCloud, endpoint: string): Promise<void> => {
  const machine = cloud.machine(replica.zone, replica.name);
  const route = await machine.run(['ip', 'route', 'get', endpoint]);
  assert.match(route.out, /^local /, 'the endpoint is not its own address');
  const join = await machine.run(['bash', '-c', joinByHand]);
  for (const line of join.err.split('\n').filter((each) => each.includes('refused'))) console.log(line);
  assert.notEqual(join.code, 0, 'kubeadm joined');
  assert.match(join.err, new RegExp(`dial tcp ${endpoint}:443: connect: connection refused`));
};

// The startup script's next command, with seconds instead of kubeadm's five minutes.
const joinByHand = `set -e
/usr/local/lib/trizone/cloud join-config /run/join.json JoinConfiguration
sed -i 's/"timeouts": {/"timeouts": {"discovery": "15s",/' /run/join.json
ignored=$(paste -sd, /etc/trizone/image.d/ignore-preflight-errors)
kubeadm join --v=1 --config /run/join.json "--ignore-preflight-errors=$ignored"
`;
