import { OperatorError } from '../../lib/operatorError.ts';
import type { Cloud } from '../cloud.ts';
import { probeAll, roundMs } from './health.ts';

/**
 * The prober's clock: while a load balancer has something to check, all checks run at the multiples of their interval.
 * Rounds follow from state and time alone, so unlike other events they need not be stored.
 */
export class HealthRounds {
  private readonly cloud: Cloud;
  private readonly failed: (error: unknown) => void;
  private readonly ended = new AbortController();

  constructor(cloud: Cloud, failed: (error: unknown) => void) {
    this.cloud = cloud;
    this.failed = failed;
  }

  start(): void {
    this.run().catch((error: unknown) => {
      if (!OperatorError.is(error, 'cancelled')) this.failed(error);
    });
  }

  stop(): void {
    this.ended.abort();
    this.cloud.changed.tell();
  }

  private async run(): Promise<void> {
    const { clock, store, changed } = this.cloud;
    while (!this.ended.signal.aborted) {
      const every = roundMs(this.cloud);
      if (every === undefined) {
        await changed.wait();
        continue;
      }
      await clock.sleep(every - (clock.now() % every), this.ended.signal);
      const before = store.revision;
      store.transact(() => probeAll(this.cloud));
      if (store.revision !== before) changed.tell();
    }
  }
}
