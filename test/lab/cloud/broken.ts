/** What a scenario breaks, and mends again by taking it away. */
export class Broken {
  /** Folder that lies over the image of a machine that is made meanwhile, by the machine's name. */
  readonly layers = new Map<string, string>();
  /** Names of machines that start without their persistent disks. */
  readonly diskless = new Set<string>();
  /** Whether machines' requests to Secret Manager are answered with 503. */
  secretManager = false;
  /** Whether a stop takes a machine's power in the middle of what it does, instead of asking its system to end. */
  stops = false;
}
