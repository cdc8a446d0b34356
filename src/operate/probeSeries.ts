import type { Failures, ProbeFigures } from '../model/probed.ts';

/** Counts overlapping requests. Times are milliseconds of one clock. */
export class ProbeSeries {
  private sent = 0;
  private failed = 0;
  private longest = 0;
  private began = 0;
  private failures: Failures | undefined;
  // When the oldest request not yet followed by a success was sent.
  private waitingSince: number | undefined;

  send(at: number): void {
    if (this.sent++ === 0) this.began = at;
    this.waitingSince ??= at;
  }

  answer(at: number): void {
    this.close(at);
    this.waitingSince = undefined;
  }

  fail(at: number, why: string): void {
    this.failed++;
    const lastMs = at - this.began;
    this.failures = { firstMs: lastMs, firstError: why, ...this.failures, lastMs };
    this.close(at);
  }

  /** `scale`: clock milliseconds per cluster millisecond. */
  figures(scale: number): ProbeFigures {
    const { sent, failed, failures } = this;
    const scaled = (ms: number): number => Math.round(ms / scale);
    const figures = { sent, failed, longestGapMs: scaled(this.longest) };
    if (failures === undefined) return figures;
    const { firstMs, lastMs } = failures;
    return { ...figures, failures: { ...failures, firstMs: scaled(firstMs), lastMs: scaled(lastMs) } };
  }

  private close(at: number): void {
    if (this.waitingSince !== undefined) this.longest = Math.max(this.longest, at - this.waitingSince);
  }
}
