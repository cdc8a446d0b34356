/** Results of probe requests of one kind; times in cluster milliseconds. */
export interface ProbeFigures {
  readonly sent: number;
  readonly failed: number;
  /** Longest time from a request until any request got an answer. */
  readonly longestGapMs: number;
  /** The first and the last failure; undefined if there were none. */
  readonly failures?: Failures;
}

/** When requests failed, relative to the first one sent: compare with the run's log to find the step. */
export interface Failures {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Why the first one failed. */
  readonly firstError: string;
}

/** How the API endpoint behaved during a run. */
export interface Probed {
  readonly reads: ProbeFigures;
  readonly writes: ProbeFigures;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const failedWords = ({ firstMs, lastMs, firstError }: Failures): string =>
  `; first after ${seconds(firstMs)}: ${firstError}, last after ${seconds(lastMs)}`;

/** "0 of 412 requests failed, longest gap 0.4 s; writes never stopped (longest gap 0.5 s)" */
export const probedWords = ({ reads, writes }: Probed): string => {
  const sent = reads.sent + writes.sent;
  const failed = reads.failed + writes.failed;
  const failures = reads.failures ?? writes.failures;
  const stopped =
    writes.failed === 0
      ? `writes never stopped (longest gap ${seconds(writes.longestGapMs)})`
      : `${writes.failed} of ${writes.sent} writes failed, longest gap ${seconds(writes.longestGapMs)}`;
  return `${failed} of ${sent} requests failed, longest gap ${seconds(reads.longestGapMs)}; ${stopped}${failures === undefined ? '' : failedWords(failures)}`;
};
