import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';

const script = join(import.meta.dirname, '../../e2e/article.sh');

/**
 * The article's own commands from its first line to its last, by real kubectl and
 * gcloud. Trizone's report on the API during each verb is checked: no request may fail
 * while masters come and go. The master that the article stops loses its power.
 */
export const article = async (person: Person, cloud: LabCloud): Promise<void> => {
  cloud.broken.stops = true;
  const said = await person.must('bash', [script], { PATIENCE: '180' });
  cloud.check();
  assert.match(said, /ok: the whole article\n$/);
  const probed = person.errors.match(/API during the run: .*/g) ?? [];
  assert.ok(probed.length >= 8, `the API was watched during ${probed.length} verbs only`);
  assert.deepEqual(
    probed.filter((line) => !/^API during the run: 0 of \d+ requests failed.*writes never stopped/.test(line)),
    [],
  );
};
