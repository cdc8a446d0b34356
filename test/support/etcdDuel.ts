import assert from 'node:assert/strict';
import { wallClock } from '../../src/lib/clock.ts';
import { addMember, healthMs, moveLeader, promote, dropMember } from '../../src/emulator/kubernetes/etcd.ts';
import { EtcdModel } from './etcdModel.ts';
import { RealMember, serverStopped, until, type EtcdAnswer } from './realEtcd.ts';

const key = Buffer.from('k').toString('base64');

/** Initial entries: a few later writes leave a learner in sync, and a flood does not (the limit is 90 %). */
const firstWrites = 100;
export const floodWrites = 60;

// A lost majority shows as either error, depending on whose timeout ends first.
const classOf = (said: string): string =>
  /timed out|deadline exceeded|no leader|took too long/.test(said) ? 'no majority' : said;

/** Runs the same commands on the model and on real etcd processes, and compares after each. */
export class EtcdDuel {
  private readonly model: EtcdModel;
  private readonly folder: string;
  private readonly real: RealMember[] = [];
  /** Real processes that have answered since they started; the others have not reached a majority yet. */
  private readonly serving = new Set<number>();
  private readonly upAt = new Map<number, number>();
  private last = wallClock.now();
  // A started member's connection is established between its start and the next quiet moment.
  private connectedBy = 0;
  private isStarting = false;
  private terms = { model: 0, real: 0 };
  readonly said: string[] = [];

  constructor(seed: string, folder: string) {
    this.model = new EtcdModel(seed);
    this.folder = folder;
  }

  async begin(): Promise<void> {
    this.real[0] = await RealMember.make('m0', this.folder);
    this.real[0].start(`m0=${this.real[0].peerUrl}`, 'new');
    this.model.start(0);
    this.upAt.set(0, wallClock.now());
    await this.settle();
    await this.write(0, 'first', firstWrites);
    await this.settle();
  }

  async end(): Promise<void> {
    for (const member of this.real) await member.kill();
  }

  /** Slots by their current role, as the model knows them. */
  get slots() {
    const { view } = this.model;
    const slotOf = (id: string): number => Number.parseInt(id.replace(/^a+/, ''), 10) - 1;
    const members = (view?.etcd.members ?? []).map((m) => ({ ...m, slot: slotOf(m.id) }));
    const running = members.filter((m) => this.model.isRunning(m.slot)).map((m) => m.slot);
    return {
      members: members.map((m) => m.slot),
      voters: members.filter((m) => !m.learner).map((m) => m.slot),
      learners: members.filter((m) => m.learner).map((m) => m.slot),
      running,
      unborn: members.filter((m) => !this.upAt.has(m.slot)).map((m) => m.slot),
      stopped: [...this.upAt.keys()].filter((slot) => !running.includes(slot) && !this.real[slot]?.isRunning),
      /** Voters that answer. */
      askable: members
        .filter((m) => !m.learner && running.includes(m.slot) && this.serving.has(m.slot))
        .map((m) => m.slot),
      leader: slotOf(view?.etcd.leader ?? 'a1'),
      quorum: view?.quorum === true,
    };
  }

  async add(asked: number, learner: boolean, patient: boolean): Promise<void> {
    const slot = this.real.length;
    const member = await RealMember.make(`m${slot}`, this.folder);
    await this.health(patient);
    const wanted = { peerURLs: [member.peerUrl], isLearner: learner };
    const accepted = await this.both(
      `add m${slot}${learner ? ' as learner' : ''} at m${asked}`,
      this.ask(asked, 'cluster/member/add', wanted),
      () => this.model.change(asked, (etcd, at) => addMember(etcd, at, this.model.memberOf(slot, learner))),
    );
    if (accepted) this.real[slot] = member;
  }

  /** First start of an added member. */
  async start(slot: number): Promise<void> {
    this.said.push(`start m${slot}`);
    const { running } = this.slots;
    const asked = running.find((s) => this.serving.has(s));
    if (asked === undefined) return;
    const answer = await this.ask(asked, 'cluster/member/list', { linearizable: false });
    const cluster = membersIn(answer).map((m) => `${this.realAt(m.peerUrl)?.name}=${m.peerUrl}`);
    this.real[slot]?.start(cluster.join(','), 'existing');
    this.model.start(slot);
    this.upAt.set(slot, wallClock.now());
    this.isStarting = true;
  }

  async kill(slot: number): Promise<void> {
    this.said.push(`kill m${slot}`);
    await this.real[slot]?.kill();
    this.serving.delete(slot);
    this.model.kill(slot);
  }

  restart(slot: number): void {
    this.said.push(`restart m${slot}`);
    this.real[slot]?.start(`m${slot}=${this.real[slot].peerUrl}`, 'existing');
    this.model.restart(slot);
    this.upAt.set(slot, wallClock.now());
    this.isStarting = true;
  }

  async promote(asked: number, slot: number): Promise<void> {
    const body = { ID: await this.realId(slot) };
    await this.both(`promote m${slot} at m${asked}`, this.ask(asked, 'cluster/member/promote', body), () =>
      this.model.change(asked, (etcd, at) => promote(etcd, at, this.model.idOf(slot))),
    );
  }

  async remove(asked: number, slot: number, patient: boolean): Promise<void> {
    const body = { ID: await this.realId(slot) };
    await this.health(patient);
    const real = async (): Promise<EtcdAnswer> => {
      const answer = await this.ask(asked, 'cluster/member/remove', body);
      // A member that removes itself may stop before it has answered; the member list shows whether it is gone.
      return asked === slot && answer.error === serverStopped ? {} : answer;
    };
    const accepted = await this.both(`remove m${slot} at m${asked}`, real(), () =>
      this.model.change(asked, (etcd, at) => dropMember(etcd, at, this.model.idOf(slot))),
    );
    if (!accepted || !this.real[slot]?.isRunning) return;
    // A removed member exits by itself.
    await until(`removed m${slot} ends`, () => !this.real[slot]?.isRunning);
    this.serving.delete(slot);
    this.model.kill(slot);
  }

  async moveLeader(asked: number, slot: number): Promise<void> {
    const body = { targetID: await this.realId(slot) };
    await this.both(
      `move leader to m${slot} at m${asked}`,
      this.ask(asked, 'maintenance/transfer-leadership', body),
      () => this.model.change(asked, (etcd, at) => moveLeader(etcd, at, this.model.idOf(slot))),
    );
  }

  async write(asked: number, text: string, times = 1): Promise<void> {
    const body = { key, value: Buffer.from(text).toString('base64') };
    const work = async (): Promise<EtcdAnswer> => {
      let answer: EtcdAnswer = {};
      for (let i = 0; i < times && answer.error === undefined; i++) answer = await this.ask(asked, 'kv/put', body);
      return answer;
    };
    await this.both(`write ${times} × ${text} at m${asked}`, work(), () => this.model.write(asked, text, times));
  }

  async read(asked: number): Promise<void> {
    const answer = await this.ask(asked, 'kv/range', { key });
    const [kv] = (answer.kvs as { value: string }[] | undefined) ?? [];
    const real = answer.error ?? Buffer.from(kv?.value ?? '', 'base64').toString();
    this.said.push(`read at m${asked}: ${real}`);
    this.same(classOf(this.model.read(asked)), classOf(real), 'what a linearizable read gives');
  }

  /** Waits until both are quiet, then compares members, leader, and data. */
  async settle(): Promise<void> {
    const { quorum, running } = this.slots;
    if (quorum) await until(this.story('all serve and agree'), () => this.agree(running));
    else await until(this.story('nobody leads'), () => this.leaderless());
    this.pass();
    if (this.isStarting) this.connectedBy = wallClock.now();
    this.isStarting = false;
    if (!quorum) return;
    await this.followLeader();
    const asked = this.slots.askable[0] ?? 0;
    const answer = await this.ask(asked, 'cluster/member/list', { linearizable: true });
    const real = membersIn(answer).map((m) => `${this.realAt(m.peerUrl)?.name} ${m.name !== ''} ${m.learner}`);
    const model = this.model.view?.etcd.members.map(
      (m) => `m${Number(m.id.replace(/^a+/, '')) - 1} ${m.name !== ''} ${m.learner}`,
    );
    this.same(model?.sort(), real.sort(), 'members');
    await this.read(asked);
  }

  private async agree(running: readonly number[]): Promise<boolean> {
    const found = await Promise.all(running.map((slot) => this.status(slot)));
    for (const [i, status] of found.entries()) if (status.error === undefined) this.serving.add(running[i] ?? 0);
    const leaders = new Set(found.map((s) => s.leader));
    const ids = await Promise.all(running.map((slot) => this.realId(slot)));
    const applied = new Set(found.map((s) => s.raftAppliedIndex));
    const [answer] = await Promise.all([this.ask(running[0] ?? 0, 'cluster/member/list', { linearizable: false })]);
    const unnamed = membersIn(answer).filter((m) => m.name === '' && this.realAt(m.peerUrl)?.isRunning);
    return leaders.size === 1 && ids.includes(String(found[0]?.leader)) && applied.size === 1 && unnamed.length === 0;
  }

  // A learner never campaigns, so it keeps reporting the last leader it knew.
  private async leaderless(): Promise<boolean> {
    const found = await Promise.all(this.slots.askable.map((slot) => this.status(slot)));
    return found.every((s) => s.error === undefined && s.leader === undefined);
  }

  private async followLeader(): Promise<void> {
    const { running } = this.slots;
    const status = await this.status(running[0] ?? 0);
    const term = Number(status.raftTerm);
    const ids = await Promise.all(running.map((slot) => this.realId(slot)));
    const leader = running[ids.indexOf(String(status.leader))];
    assert.ok(leader !== undefined, this.story('the leader is nobody that the model knows'));
    const view = this.model.view;
    if (this.terms.model !== 0 && (view?.etcd.term ?? 0) > this.terms.model)
      assert.ok(term > this.terms.real, this.story('the model elected, real etcd did not'));
    if (term !== this.terms.real || leader !== this.slots.leader) this.model.follow(leader);
    this.terms = { model: this.model.view?.etcd.term ?? 0, real: term };
  }

  private async status(slot: number): Promise<EtcdAnswer> {
    return (await this.real[slot]?.ask('maintenance/status', {}, 2_000)) ?? { error: 'none' };
  }

  private ask(slot: number, path: string, body: object): Promise<EtcdAnswer> {
    return this.real[slot]?.ask(path, body) ?? Promise.resolve({ error: 'none' });
  }

  private async both(what: string, real: Promise<EtcdAnswer>, model: () => string): Promise<boolean> {
    const expected = model();
    const answer = (await real).error ?? 'ok';
    this.said.push(`${what}: ${answer}`);
    this.same(classOf(expected), classOf(answer), what);
    return answer === 'ok';
  }

  /** Lets connections grow older than etcd's health window, or at least stays away from its edge. */
  private async health(patient: boolean): Promise<void> {
    const now = wallClock.now();
    const oldest = now - Math.max(...this.upAt.values());
    const old = this.connectedBy + healthMs + 1_000;
    if (old > now && (patient || oldest > healthMs - 1_500)) await wallClock.sleep(old - now);
    this.pass();
  }

  // The model's clock follows the real one.
  private pass(): void {
    const now = wallClock.now();
    this.model.now += now - this.last;
    this.last = now;
  }

  private realAt(peerUrl: string): RealMember | undefined {
    return this.real.find((m) => m.peerUrl === peerUrl);
  }

  private async realId(slot: number): Promise<string> {
    const known = this.ids.get(slot);
    if (known !== undefined) return known;
    const [asked = 0] = this.slots.running.filter((s) => this.serving.has(s));
    const found = membersIn(await this.ask(asked, 'cluster/member/list', { linearizable: false })).find(
      (m) => m.peerUrl === this.real[slot]?.peerUrl,
    );
    if (found !== undefined) this.ids.set(slot, found.id);
    return found?.id ?? '1';
  }

  private readonly ids = new Map<number, string>();

  private same(model: unknown, real: unknown, what: string): void {
    assert.deepEqual({ model }, { model: real }, this.story(what));
  }

  private story(what: string): string {
    return `${what}\n${this.said.join('\n')}`;
  }
}

interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly learner: boolean;
}

const membersIn = (answer: EtcdAnswer): ListedMember[] =>
  ((answer.members as { ID: string; name?: string; peerURLs: string[]; isLearner?: boolean }[] | undefined) ?? []).map(
    (m) => ({ id: m.ID, name: m.name ?? '', peerUrl: m.peerURLs[0] ?? '', learner: m.isLearner === true }),
  );
