import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const poll = v.object({ interval_s: v.number(), per_try_limit_s: v.optional(v.number()) });
const operation = v.object({
  seq: v.number(),
  kind: v.string(),
  resource: v.string(),
  scope: v.string(),
  after: v.array(v.number()),
  poll: v.optional(poll),
  /** Exit code of a failed command: "not found", or a refusal. */
  rc: v.optional(v.number()),
  note: v.optional(v.string(), ''),
});
const recording = v.object({
  gcloud_polling: v.object({ operation_poll_s: v.array(v.number()), operation_poll_max_s: v.number() }),
  calls: v.array(v.object({ id: v.number(), operations: v.array(operation) })),
});

/** One action of a kube-up script, and what it had waited for. */
export type Recorded = v.InferOutput<typeof operation>;

/**
 * Operations of Kubernetes' own, unmodified kube-up and kube-down (v1.8) in the article's ten calls, recorded against
 * stubs of gcloud, gsutil, kubectl, and curl. Order, dependencies, concurrency, poll intervals, and limits are facts;
 * the recorded times `t` are not, and are not read.
 */
export const readRecording = (): v.InferOutput<typeof recording> =>
  v.parse(recording, JSON.parse(readFileSync(new URL('kube-up-operations.json', import.meta.url), 'utf8')));
