/** Number of tests by result. */
export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** Sum of all counts. */
export const sum = (...counts: readonly Count[]): Count => {
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
};

/** Summary line of a test run. */
export const inWords = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** A whole tier that cannot run here: a failure where nothing may be missing, else skipped by name. */
export const cannotRun = (tier: string, reason: string): Count => {
  const failed = process.env.CI === 'true';
  console.log(`${tier} ${failed ? 'cannot run' : 'is skipped'}: ${reason}`);
  return { passed: 0, failed: failed ? 1 : 0, skipped: failed ? 0 : 1 };
};
