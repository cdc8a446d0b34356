import assert from 'node:assert/strict';
import { wallClock } from '../../../src/lib/clock.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Machine } from '../machines/machine.ts';
import type { Person } from '../scenario.ts';

const zones = ['b', 'c', 'd'].map((letter) => `europe-west1-${letter}`);
const day = 86_400_000;

/**
 * A master's certificates are about to expire: validation reports it, `master
 * repair` restarts it, its start renews them, and no client loses a request.
 */
export const certificates = async (person: Person, cloud: LabCloud): Promise<void> => {
  await person.trizone(['up', '--zones', zones.join(), '--nodes', '1', '--yes']);
  const machine = cloud.machine('europe-west1-b', 'kubernetes-master');
  await age(machine);
  assert.match(await person.stopped(['validate'], {}), /not valid: certificates$/m);
  assert.match(await person.trizone(['status']), /^kubernetes-master: certificates expire in 9 days/m);
  await person.trizone(['master', 'repair', 'kubernetes-master', '--yes']);
  cloud.check();
  const last = person.errors.match(/API during the run: .*/g)?.at(-1) ?? '';
  assert.match(last, /^API during the run: 0 of \d+ requests failed.*writes never stopped/);
  const served = await end(machine, 'openssl s_client -connect "$(hostname -i):443" </dev/null 2>/dev/null');
  assert.ok(served > wallClock.now() + 300 * day, 'the API server shows an old certificate');
  await person.trizone(['validate']);
  await person.trizone(['down', '--yes-delete', 'kubernetes']);
  await person.leftNothing();
};

// Simulates a year of aging. An API server closes its connections when it sees
// another certificate: the next exec fails, and kubectl retries it once.
const age = async (machine: Machine): Promise<void> => {
  const { code, err } = await machine.run(['bash', '-c', aged]);
  assert.equal(code, 0, err);
};

const aged = `set -e
/usr/local/lib/trizone/cloud kubeadm /run/short.json ClusterConfiguration
sed -i 's/"kind": "ClusterConfiguration"/&, "certificateValidityPeriod": "240h0m0s"/' /run/short.json
kubeadm certs renew all --config /run/short.json
/usr/local/lib/trizone/care-secrets
KUBECONFIG=/etc/kubernetes/admin.conf kubectl -n kube-system exec etcd-kubernetes-master -- etcdctl version
`;

const end = async (machine: Machine, certificate: string): Promise<number> => {
  const { out } = await machine.run(['bash', '-c', `${certificate} | openssl x509 -noout -enddate | cut -d= -f2`]);
  return Date.parse(out);
};
