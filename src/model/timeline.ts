/** What can be seen in a drill, in the order in which it begins. */
export type MomentKey = 'begun' | 'halted' | 'backend' | 'leader' | 'node' | 'answers' | 'deployed' | 'started';

/** Something that was seen at a time, cluster milliseconds since the beginning. */
export interface Moment {
  readonly ms: number;
  readonly key: MomentKey;
  /** For people. */
  readonly text: string;
}

/** What was seen during a drill, in its order. */
export class Timeline {
  readonly moments: Moment[] = [];
  private start: number | undefined;

  /** Notes what is seen at `now` of a monotonic clock; the first one is the beginning. */
  note(now: number, key: MomentKey, text: string): void {
    this.start ??= now;
    this.moments.push({ ms: Math.round(now - this.start), key, text });
  }
}
