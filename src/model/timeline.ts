/** Something that was seen at a time, cluster milliseconds since the beginning. */
export interface Moment {
  readonly ms: number;
  readonly text: string;
}

/** What was seen during a drill, in its order. */
export class Timeline {
  readonly moments: Moment[] = [];
  private start: number | undefined;

  /** Notes what is seen at `now` of a clock that nobody sets; the first one is the beginning. */
  note(now: number, text: string): void {
    this.start ??= now;
    this.moments.push({ ms: Math.round(now - this.start), text });
  }
}
