import assert from 'node:assert/strict';
import type { FaultRule } from '../../../src/emulator/faults.ts';
import type { VirtualClock } from '../../../src/lib/virtualClock.ts';
import type { Cleanup } from '../engineWorld.ts';
import { tell } from './deeds.ts';
import { Editor } from './editor.ts';
import { kindOf, type Event, type faultKinds } from './events.ts';
import { Hand } from './hand.ts';
import { Broken, Observer } from './observer.ts';
import type { Operator } from './operator.ts';
import { Shell } from './shell.ts';
import { applyFaults, clusterNames, openStage, zones, type Site, type buildStage } from './stage.ts';

/** Simulated seconds between two events. */
const betweenMs = 5_000;

const minuteMs = 60_000;

const faultOf = (kind: (typeof faultKinds)[number], times: number): FaultRule => {
  const match = { path: '^/(compute|v1)/', method: 'POST' };
  if (kind === 'lost reply' || kind === 'lost request')
    return { match, times, fault: kind === 'lost reply' ? 'resetAfter' : 'resetBefore' };
  const [status, reason] = { 429: [429, 'rateLimitExceeded'], 500: [500, 'internalError'], 503: [503, 'backendError'] }[
    kind
  ] as [number, string];
  return {
    match: { ...match, path: '^/' },
    times,
    fault: { type: 'status', status, reason, message: `fault ${kind}` },
  };
};

/** Two operators on two clouds, and their events. */
export class Story {
  readonly clock: VirtualClock;
  readonly sites: readonly Site[];
  readonly observer: Observer;
  readonly hand: Hand;
  readonly editor: Editor;
  readonly shell: Shell;
  /** The story so far, as prose. */
  readonly told: string[] = [];
  readonly counts: Record<string, number> = {};
  private readonly rest = new AbortController();
  private readonly doing: Promise<unknown>[] = [];

  private constructor(t: Cleanup, clock: VirtualClock, sites: readonly Site[], seed: string, observer: Observer) {
    this.clock = clock;
    this.sites = sites;
    this.observer = observer;
    const parts = { t, clock, seed, observer, log: (text: string) => this.note(text) };
    this.hand = new Hand(clock);
    this.editor = new Editor('Ann', parts, this.site(0));
    this.shell = new Shell('Ben', parts);
  }

  static async open(t: Cleanup, stored: Awaited<ReturnType<typeof buildStage>>, seed: string): Promise<Story> {
    const observer = new Observer();
    const cast: { story?: Story } = {};
    const { clock, sites } = await openStage(t, stored, seed, {
      callerOf: (token) => (cast.story?.operators.some((o) => o.knows(token)) === true ? token : undefined),
      tell: (site, entry) => {
        const caller = cast.story?.operators.find((o) => o.knows(entry.caller))?.callerOf(entry.caller);
        if (caller !== undefined) observer.cloud(site, entry, caller);
      },
    });
    cast.story = new Story(t, clock, sites, seed, observer);
    return cast.story;
  }

  get operators(): readonly Operator[] {
    return [this.editor, this.shell];
  }

  site(n: number): Site {
    return this.sites[n] ?? assert.fail();
  }

  /** Adds a line about something besides the events. */
  note(text: string): void {
    this.told.push(`   ${this.time()} ${text}`);
  }

  private time(): string {
    return new Date(this.clock.now()).toISOString().slice(11, 19);
  }

  /** Plays one event, and lets a few seconds pass. Throws on the first violation. */
  async play(event: Event): Promise<void> {
    const what = this.begin(event);
    if (what === undefined) return;
    const kind = kindOf(event);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const number = Object.values(this.counts).reduce((a, b) => a + b, 0);
    this.told.push(`${number}. ${this.time()} ${what}.`);
    const meets = (event.type === 'want' || event.type === 'answer') && event.meets === true;
    if (!meets) await this.clock.sleep(event.type === 'wait' ? event.seconds * 1000 : betweenMs);
    const [broken] = this.observer.broken;
    if (broken !== undefined) throw broken;
  }

  /** Releases everything. */
  async close(): Promise<void> {
    this.rest.abort();
    await Promise.all(this.doing);
    for (const o of this.operators) await o.close();
  }

  /** Restores network, computers, zones, and disks, and ends all faults; waiting prompts are rejected. */
  async calm(): Promise<void> {
    this.rest.abort();
    for (const site of this.sites) {
      site.faults.clear();
      applyFaults(site);
    }
    for (const o of this.operators) {
      o.computer.mend();
      o.computer.wake();
      o.computer.isDiskFull = false;
      o.computer.nextRootMs = 0;
      o.computer.recordsLeft = Infinity;
      while (o.answer(0, false) !== undefined);
    }
    await Promise.all(this.doing);
  }

  private begin(event: Event): string | undefined {
    switch (event.type) {
      case 'nothing':
        return undefined;
      case 'wait':
        return `${event.seconds} s pass`;
      case 'want':
        return this.want(event);
      case 'answer': {
        const o = this.who(event.who);
        const to = o.answer(event.nth, true);
        return to === undefined ? undefined : `${o.name} says yes to \`${to}\`${this.whereOf(o)}`;
      }
      case 'again':
        return this.again(event);
      case 'connect':
        if (this.editor.connected === this.site(event.cloud)) return undefined;
        this.editor.connect(this.site(event.cloud));
        return `Ann connects to ${this.site(event.cloud).name}`;
      case 'hand':
        return this.byHand(event);
      default:
        return this.trouble(event);
    }
  }

  private who(who: 0 | 1): Operator {
    return who === 0 ? this.editor : this.shell;
  }

  private whereOf(o: Operator): string {
    return o === this.editor ? ` while connected to ${this.editor.connected.name}` : '';
  }

  // In the editor the connection determines the cloud.
  private siteOf(event: { readonly who: 0 | 1; readonly cloud: 0 | 1 }): Site {
    return event.who === 0 ? this.editor.connected : this.site(event.cloud);
  }

  private want(event: Extract<Event, { type: 'want' }>): string | undefined {
    const [o, site] = [this.who(event.who), this.siteOf(event)];
    const cluster = clusterNames[event.cluster];
    const told = tell(event.deed, site, cluster);
    if (told === undefined) return undefined;
    const takeOver = event.takeOver && event.who === 1;
    o.want(site, cluster, told, { waits: event.waits, takeOver });
    const words = `\`${told.words.join(' ')}${takeOver ? ' --take-over' : ''}\` of ${cluster} on ${site.name}`;
    return event.waits ? `${o.name} plans ${words} and lets it wait` : `${o.name} does ${words}`;
  }

  private again(event: Extract<Event, { type: 'again' }>): string | undefined {
    const [o, site] = [this.who(event.who), this.siteOf(event)];
    const fits =
      event.what === 'resume' ? ['failed', 'cancelled', undefined] : ['failed', 'cancelled', 'done', undefined];
    const runs = o.runs().filter((r) => fits.includes(r.state) && !o.isRunning(r.plan.run));
    const run = runs[event.nth % Math.max(1, runs.length)];
    if (run === undefined) return undefined;
    o.again(event.what, run, site, event.takeOver);
    const { verb, cluster } = run.plan;
    return `${o.name} says ${event.what} of the old run \`${verb}\` of ${cluster} on ${site.name}`;
  }

  private byHand({ cloud, cluster, what, nth }: Extract<Event, { type: 'hand' }>): string {
    const [site, name] = [this.site(cloud), clusterNames[cluster]];
    const done = this.hand.act(site, name, what, nth).then((thing) => {
      this.note(`by hand: ${what} ${thing ?? 'nothing'}`);
    });
    this.doing.push(done);
    return `Somebody does \`${what}\` by hand to something of ${name} on ${site.name}`;
  }

  private trouble(
    event: Exclude<Event, { type: 'nothing' | 'wait' | 'want' | 'answer' | 'again' | 'connect' | 'hand' }>,
  ) {
    if (event.type === 'zone') return this.zoneDown(event);
    if (event.type === 'fault') return this.fault(event);
    const o = this.who(event.who);
    const { computer, name } = o;
    switch (event.type) {
      case 'kill':
        computer.recordsLeft = event.records;
        return `${name}'s computer dies after ${event.records} more records`;
      case 'cut':
        computer.cut(event.how);
        this.later(event.minutes, () => computer.mend());
        return `${name} has no network for ${event.minutes} min (${event.how})`;
      case 'sleep':
        computer.sleep();
        this.later(event.minutes, () => computer.wake());
        return `${name}'s computer sleeps for ${event.minutes} min`;
      case 'disk':
        computer.isDiskFull = true;
        this.later(event.minutes, () => (computer.isDiskFull = false));
        return `${name}'s disk is full for ${event.minutes} min`;
      case 'slow':
        computer.nextRootMs = event.seconds * 1000;
        return `${name} waits ${event.seconds} s for the next answer about a root record`;
      case 'clock':
        computer.offsetMs += event.hours * 60 * minuteMs;
        return `${name}'s clock is set ${event.hours > 0 ? 'forward' : 'back'} by an hour`;
    }
  }

  private zoneDown({ cloud, zone, minutes }: Extract<Event, { type: 'zone' }>): string {
    const [site, name] = [this.site(cloud), zones[zone] ?? ''];
    const rule: FaultRule = { match: { kind: 'zones', name }, nth: 'every', fault: 'zoneDown' };
    this.during(site, rule, minutes);
    return `Zone ${name} of ${site.name} is unreachable for ${minutes} min`;
  }

  private fault({ cloud, kind, times }: Extract<Event, { type: 'fault' }>): string {
    const site = this.site(cloud);
    this.during(site, faultOf(kind, times), 5);
    return `${site.name} answers the next ${times} changes with: ${kind}`;
  }

  private during(site: Site, rule: FaultRule, minutes: number): void {
    site.faults.add(rule);
    applyFaults(site);
    this.later(minutes, () => {
      site.faults.delete(rule);
      applyFaults(site);
    });
  }

  // At the end of the story everything is restored at once.
  private later(minutes: number, mend: () => void): void {
    const { signal } = this.rest;
    this.doing.push(this.clock.sleep(minutes * minuteMs, signal).then(mend, () => undefined));
  }
}

/** An error with the violated check and the story. */
export const failed = (story: Story, error: unknown): Error =>
  error instanceof Broken ? new Broken(error.check, `${error.message}\n${story.told.join('\n')}`) : (error as Error);
