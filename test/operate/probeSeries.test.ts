import assert from 'node:assert/strict';
import test from 'node:test';
import { ProbeSeries } from '../../src/operate/probeSeries.ts';
import { probedWords } from '../../src/model/probed.ts';

test('where every request is answered, the longest gap is the slowest wait for anybody’s answer', () => {
  const s = new ProbeSeries();
  s.send(0);
  s.answer(5);
  s.send(100);
  s.send(150);
  s.answer(180); // whoever asked at 100 or 150 knows by now that the API is there
  s.answer(400);
  assert.deepEqual(s.figures(1), { sent: 3, failed: 0, longestGapMs: 80 });
});

test('an outage lasts from the first request without an answer to the next answer, however long the failures take', () => {
  const s = new ProbeSeries();
  s.send(0);
  s.answer(1);
  s.send(100);
  s.send(200);
  s.fail(3100, 'No response within 3 s');
  s.send(3200);
  s.fail(3200, 'refused');
  s.send(3300);
  s.answer(3310);
  const failures = { firstMs: 3100, lastMs: 3200, firstError: 'No response within 3 s' };
  assert.deepEqual(s.figures(1), { sent: 5, failed: 2, longestGapMs: 3210, failures });
});

test('an outage that has not ended counts until its last failure; a scaled clock tells cluster time', () => {
  const s = new ProbeSeries();
  s.send(0);
  s.fail(20, 'refused');
  const failures = { firstMs: 1000, lastMs: 1000, firstError: 'refused' };
  assert.deepEqual(s.figures(0.02), { sent: 1, failed: 1, longestGapMs: 1000, failures });
});

test('the words of a report', () => {
  const fine = { sent: 10, failed: 0, longestGapMs: 440 };
  assert.equal(
    probedWords({ reads: fine, writes: fine }),
    '0 of 20 requests failed, longest gap 0.4 s; writes never stopped (longest gap 0.4 s)',
  );
  const bad = {
    sent: 10,
    failed: 2,
    longestGapMs: 6000,
    failures: { firstMs: 41_000, lastMs: 46_500, firstError: 'refused' },
  };
  assert.equal(
    probedWords({ reads: fine, writes: bad }),
    '2 of 20 requests failed, longest gap 0.4 s; 2 of 10 writes failed, longest gap 6.0 s; first after 41.0 s: refused, last after 46.5 s',
  );
});
