/** What can be observed in a drill, in the order in which it starts. */
export type MomentKey = 'begun' | 'halted' | 'backend' | 'leader' | 'node' | 'answers' | 'deployed' | 'started';

/** Something observed, in cluster milliseconds since the start. */
export interface Moment {
  readonly ms: number;
  readonly key: MomentKey;
  /** For display. */
  readonly text: string;
}

/** What was observed during a drill, in order. */
export class Timeline {
  readonly moments: Moment[] = [];
  private start: number | undefined;

  /** Records an observation at `now` of a monotonic clock; the first one is the start. */
  note(now: number, key: MomentKey, text: string): void {
    this.start ??= now;
    this.moments.push({ ms: Math.round(now - this.start), key, text });
  }
}
