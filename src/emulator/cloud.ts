import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import { randomBelow, randomText, type Ids } from '../lib/ids.ts';
import type { Connections } from './balancer/connections.ts';
import type { QuotaLimits } from './data/quotas.ts';
import type { Faults } from './faults.ts';
import type { GuestRuntime } from './guestRuntime.ts';
import type { LatencyModel } from './latency.ts';
import type { Scheduler } from './state/scheduler.ts';
import type { Store } from './state/store.ts';

/** Context of every part of the emulated cloud. Holds no state of its own: all state is in the store. */
export interface Cloud {
  readonly project: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly latency: LatencyModel;
  readonly quotas: { readonly region: QuotaLimits; readonly project: QuotaLimits };
  readonly faults: Faults;
  readonly connections: Connections;
  guests(): GuestRuntime;
  /** Wakes waiters after every event, to check their condition. */
  readonly changed: { wait(): Promise<void>; tell(): void };
}

/** Project number; the same for every emulated project. */
export const projectNumber = '415104041262';

/** Numeric id of a new resource, as text. */
export const newId = (cloud: Cloud): string => `1${randomText(cloud.ids, 18, '0123456789')}`;

/** A new fingerprint: base64 of eight bytes, as Google's are (gcloud decodes it). */
export const newFingerprint = (cloud: Cloud): string => Buffer.from(cloud.ids.bytes(8)).toString('base64');

// Google's fingerprint of an empty label set, as in every public answer.
const ofNoLabels = '42WmSpB8rSM=';

/**
 * Fingerprint of labels: a hash of them, as Google's is understood to be.
 * Equal labels have equal fingerprints, whatever happened in between.
 */
export const labelsFingerprint = (labels: Readonly<Record<string, string>> = {}): string => {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return ofNoLabels;
  return createHash('sha256').update(JSON.stringify(entries)).digest().subarray(0, 8).toString('base64');
};

/**
 * Compares fingerprints as bytes: a client may return the URL-safe
 * alphabet (gcloud does) for one it read in the standard one.
 */
export const sameFingerprint = (given: unknown, current: string | undefined): boolean =>
  typeof given === 'string' &&
  current !== undefined &&
  Buffer.from(given, 'base64').equals(Buffer.from(current, 'base64'));

/** RFC 3339 as Compute Engine writes it: with an offset, not Z. */
export const timestamp = (cloud: Cloud): string => new Date(cloud.clock.now()).toISOString().replace('Z', '-00:00');

/** Random hexadecimal text of this length. */
export const randomHex = (cloud: Cloud, length: number): string => randomText(cloud.ids, length, '0123456789abcdef');

/** Random latency of one `collection.verb`, in milliseconds. */
export const drawLatency = (cloud: Pick<Cloud, 'latency' | 'ids'>, key: string): number => {
  const [least, most] = cloud.latency[key] ?? cloud.latency.default;
  return Math.round((least + (randomBelow(cloud.ids, 1001) / 1000) * (most - least)) * 1000);
};
