/** Faults that a scenario injects, and reverts by resetting them. */
export class Broken {
  /** Folder laid over the image of machines created from now on, by machine name. */
  readonly layers = new Map<string, string>();
  /** Names of machines that start without their persistent disks. */
  readonly diskless = new Set<string>();
  /** Whether machines' requests to Secret Manager get a 503. */
  secretManager = false;
  /** Whether a stop cuts a machine's power in the middle of its work, instead of shutting it down. */
  stops = false;
}
