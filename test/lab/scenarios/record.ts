import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../../src/lib/clock.ts';
import type { Site } from '../../support/answersSite.ts';
import { answersOf } from '../../support/answersStory.ts';
import { connectionBy } from '../../support/kubeConnection.ts';
import { answersFolder, checksIn, moments, type Moments } from '../../support/kubernetesAnswers.ts';
import { simulatedAnswers } from '../../support/simulatedAnswers.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';

const zone = 'europe-west1-b';

/**
 * Stores a real Kubernetes' answers as fixtures (`test/fixtures`), which the simulated one is compared with
 * (`test/kube/realAnswers.test.ts`). The real one must be valid by the same checks.
 */
export const record = async (person: Person, cloud: LabCloud): Promise<void> => {
  await person.trizone(['kube-up', '--yes'], { KUBE_GCE_ZONE: zone, NUM_NODES: '1', MULTIZONE: 'true' });
  cloud.check();
  const answers = await answersOf(siteOf(person));
  cloud.check();
  mkdirSync(answersFolder, { recursive: true });
  for (const moment of moments)
    writeFileSync(join(answersFolder, `${moment}.json`), `${JSON.stringify(answers[moment], null, 2)}\n`);
  assert.deepEqual(checksIn(answers), checksIn(await simulated()));
};

const simulated = async (): Promise<Moments> => {
  const undo: (() => unknown)[] = [];
  const answers = await simulatedAnswers({ after: (work) => undo.push(work) });
  for (const work of undo.reverse()) await work();
  return answers;
};

const siteOf = (person: Person): Site => ({
  api: connectionBy(readFileSync(person.env.KUBECONFIG ?? '', 'utf8'), wallClock),
  clock: wallClock,
  grow: async () => {
    await person.trizone(['pool', 'resize', '--zone', zone, '--nodes', '2', '--yes']);
    for (const other of ['europe-west1-c', 'europe-west1-d'])
      await person.trizone(['replicate', '--zone', other, '--yes']);
  },
  stop: async (name) => {
    const uri = await person.must('gcloud', ['compute', 'instances', 'list', `--filter=name=${name}`, '--uri']);
    await person.must('gcloud', ['compute', 'instances', 'stop', uri.trim()]);
  },
  validate: async () => JSON.parse(await person.trizone(['validate', '--json'])) as unknown,
});
