import type { Clock } from '../lib/clock.ts';
import type { NodeWords } from '../model/clusterStatus.ts';

type Take = (nodes: NodeWords) => void;

/** How long changes are batched: a failing zone changes hundreds of nodes one by one. */
const gatherMs = 100;

/** At most one node watch per cluster. A watch that has ended is removed, and open() may open a new one. */
export class NodeWatches {
  private readonly wall: Clock;
  private readonly running = new Map<string, AbortController>();

  constructor(wall: Clock) {
    this.wall = wall;
  }

  /** Opens a watch unless one is running. Why it ended does not matter here: the next refresh reports errors. */
  open(uid: string, take: Take, watch: (tell: Take, signal: AbortSignal) => Promise<void>): void {
    if (this.running.has(uid)) return;
    const ends = new AbortController();
    this.running.set(uid, ends);
    const over = (): void => {
      ends.abort();
      if (this.running.get(uid) === ends) this.running.delete(uid);
    };
    watch(this.gathered(take, ends.signal), ends.signal).then(over, over);
  }

  /** Ends the watch of one cluster. */
  close(uid: string): void {
    this.running.get(uid)?.abort();
    this.running.delete(uid);
  }

  /** Ends the watches of clusters that are gone. */
  keepOnly(uids: ReadonlySet<string>): void {
    for (const uid of this.running.keys()) if (!uids.has(uid)) this.close(uid);
  }

  /** Ends all watches. */
  closeAll(): void {
    this.keepOnly(new Set());
  }

  private gathered(take: Take, signal: AbortSignal): Take {
    let latest: NodeWords | undefined;
    const pass = (): void => {
      if (latest !== undefined) take(latest);
      latest = undefined;
    };
    return (nodes) => {
      if (signal.aborted) return;
      const isWaiting = latest !== undefined;
      latest = nodes;
      if (!isWaiting) this.wall.sleep(gatherMs, signal).then(pass, () => undefined);
    };
  }
}
