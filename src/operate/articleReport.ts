import * as v from 'valibot';
import type { Probed } from '../model/probed.ts';

const seconds = v.pipe(v.number(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What clients noticed during a step; times are cluster seconds. */
const requests = v.object({
  sent: count,
  failed: count,
  longestGapSeconds: seconds,
  writesFailed: count,
  longestWriteGapSeconds: seconds,
});

const step = v.object({
  /** Number of the step in the article's table. */
  n: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(13)),
  title: v.string(),
  /** The article's own command. */
  command: v.string(),
  ok: v.boolean(),
  /** Cluster seconds. */
  seconds,
  /** What was observed, or what went wrong. */
  evidence: v.string(),
  /** Null if the API is not up throughout (steps 1 and 13) or nothing is done. */
  requests: v.nullable(requests),
});

/** Schema of the report that `trizone article --json` writes. */
export const articleReport = v.object({
  schema: v.literal('trizone-article/1'),
  cloud: v.string(),
  /** Wall time per unit of cluster time. */
  timeScale: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** Start time, ISO 8601. */
  started: v.pipe(v.string(), v.isoTimestamp()),
  ok: v.boolean(),
  /** Total of all steps, in cluster and wall seconds. */
  seconds,
  wallSeconds: seconds,
  steps: v.array(step),
});

/** The whole report, one of its steps, and its request figures. */
export type ArticleReport = v.InferOutput<typeof articleReport>;
export type ArticleStep = v.InferOutput<typeof step>;
export type Requests = v.InferOutput<typeof requests>;

const inSeconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Combines the figures of several runs. */
export const requestsOf = (runs: readonly (Probed | undefined)[]): Requests | null => {
  const probed = runs.flatMap((r) => r ?? []);
  if (probed.length === 0) return null;
  const sum = (of: (p: Probed) => number): number => probed.reduce((n, p) => n + of(p), 0);
  const most = (of: (p: Probed) => number): number => inSeconds(Math.max(...probed.map(of)));
  return {
    sent: sum((p) => p.reads.sent + p.writes.sent),
    failed: sum((p) => p.reads.failed + p.writes.failed),
    longestGapSeconds: most((p) => p.reads.longestGapMs),
    writesFailed: sum((p) => p.writes.failed),
    longestWriteGapSeconds: most((p) => p.writes.longestGapMs),
  };
};
