import assert from 'node:assert/strict';
import { run } from '../../support/commandLine.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import { until } from '../machines/commands.ts';
import type { Person } from '../scenario.ts';
import { identity } from './etcd.ts';

const master = 'kubernetes-master';
const life = [
  ...['.spec.nodeName', '.status.podIP', '.status.startTime'],
  ...['.status.containerStatuses[0].containerID', '.status.containerStatuses[0].restartCount'],
];

/**
 * gcloud stops and starts the only master: pods on the nodes keep
 * running, and etcd comes back as the same member with its data.
 */
export const powerButton = async (person: Person, cloud: LabCloud, zone: string): Promise<void> => {
  const gcloud = (verb: string): Promise<string> =>
    person.must('gcloud', ['compute', 'instances', verb, master, `--zone=${zone}`]);
  const answers = async (): Promise<boolean> =>
    (await run('kubectl', ['get', '--raw', '/readyz', '--request-timeout=3s'], person.env)).code === 0;
  const word = await person.kubectl(['create', 'configmap', 'kept', '--from-literal=word=kept', '-o', keptWord]);
  await person.kubectl(['run', 'steady', '--image=nginx']);
  await person.kubectl(['wait', '--for=condition=Ready', 'pod/steady', '--timeout=60s']);
  const before = await stateOf(person, cloud, zone);
  const [node = '', ip = ''] = before.pod;

  await gcloud('stop');
  assert.equal(await answers(), false, 'the only master is off');
  const page = await cloud.machine(zone, node).run(['curl', '-sSf', '-m', '5', `http://${ip}/`]);
  assert.match(page.out, /Welcome to nginx!/, `the pod goes on meanwhile: ${page.err}`);
  await gcloud('start');
  await until('the API answers through the endpoint', 120_000, answers);

  assert.equal(await person.kubectl(['get', 'configmap', 'kept', '-o', keptWord]), word);
  assert.deepEqual(await stateOf(person, cloud, zone), before);
  // CoreDNS notices a few seconds later than others that the API answers again.
  const dns = ['-l', 'k8s-app=kube-dns', '--for=condition=Ready', '--timeout=90s'];
  await person.kubectl(['-n', 'kube-system', 'wait', 'pod', ...dns]);
  await person.kubectl(['delete', 'pod', 'steady', '--now']);
};

const keptWord = 'jsonpath={.metadata.uid} {.data.word}';

// State that must not change. Kubernetes may report an old state of
// the pod afterwards; its machine knows the actual processes.
const stateOf = async (person: Person, cloud: LabCloud, zone: string) => {
  const words = life.map((path) => `{${path}}`).join(' ');
  const pod = (await person.kubectl(['get', 'pod', 'steady', '-o', `jsonpath=${words}`])).split(' ');
  const [node = '', , , container = ''] = pod;
  const list = ['ctr', '-n', 'k8s.io', 'tasks', 'ps', container.replace(/^containerd:../, '')];
  const processes = await cloud.machine(zone, node).run(list);
  assert.equal(processes.code, 0, processes.err);
  return { pod, processes: processes.out, etcd: await identity(person) };
};
