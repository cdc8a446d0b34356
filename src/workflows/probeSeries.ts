/** How requests of one kind fared; times in cluster milliseconds. */
export interface ProbeFigures {
  readonly sent: number;
  readonly failed: number;
  /** Longest time from the moment somebody asked until anybody got an answer. */
  readonly longestGapMs: number;
  /** Why the first one failed. */
  readonly firstError?: string;
}

/** Counts requests that overlap. Times are those of one clock, in milliseconds. */
export class ProbeSeries {
  private sent = 0;
  private failed = 0;
  private longest = 0;
  private firstError: string | undefined;
  // When the oldest request was sent that no success has followed yet.
  private waitingSince: number | undefined;

  send(at: number): void {
    this.sent++;
    this.waitingSince ??= at;
  }

  answer(at: number): void {
    this.close(at);
    this.waitingSince = undefined;
  }

  fail(at: number, why: string): void {
    this.failed++;
    this.firstError ??= why;
    this.close(at);
  }

  /** `scale`: clock milliseconds per cluster millisecond. */
  figures(scale: number): ProbeFigures {
    const { sent, failed, firstError } = this;
    const longestGapMs = Math.round(this.longest / scale);
    return { sent, failed, longestGapMs, ...(firstError === undefined ? {} : { firstError }) };
  }

  private close(at: number): void {
    if (this.waitingSince !== undefined) this.longest = Math.max(this.longest, at - this.waitingSince);
  }
}
