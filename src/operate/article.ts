import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import { plural } from '../lib/text.ts';
import { quorumWords } from '../model/quorum.ts';
import type { MomentKey, Timeline } from '../model/timeline.ts';
import { apiOf } from '../steps/kubernetesApi.ts';
import { findLeftovers } from '../steps/inventory.ts';
import { readStatus, type ClusterStatus } from '../steps/status.ts';
import { names } from '../model/names.ts';
import { requestsOf, type ArticleStep } from './articleReport.ts';
import { down } from '../verbs/down.ts';
import { haltMaster } from '../verbs/haltMaster.ts';
import { masterRemove } from '../verbs/masterRemove.ts';
import { poolAdd } from '../verbs/poolAdd.ts';
import { poolRemove } from '../verbs/poolRemove.ts';
import { replicate } from '../verbs/replicate.ts';
import { smoke } from '../verbs/smoke.ts';
import { up } from '../verbs/up.ts';
import { applyVerb, type Applied } from './operate.ts';
import { planVerb, type Operator } from './operator.ts';
import type { Prepared, VerbOptions } from '../verbs/prepared.ts';

/** The article's cluster and zones. */
const cluster = 'kubernetes';
const [b, c, d] = ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'] as const;

/** Options of a run of the article. */
export interface ArticleOptions {
  readonly cancel: AbortSignal;
  /** Called when a step begins and when it ends. */
  readonly begins: (title: string) => void;
  readonly ends: (step: ArticleStep) => void | Promise<void>;
}

interface Outcome {
  readonly evidence: string;
  readonly runs?: readonly Applied[];
  /** Cluster milliseconds, if it covers only a part of a run. */
  readonly ms?: number;
}

interface Step {
  readonly n: number;
  readonly title: string;
  readonly command: string;
  readonly run: () => Promise<Outcome>;
}

const wrong = (message: string): OperatorError =>
  new OperatorError('kubernetes', message, {
    remedy: [toRun('See', command`trizone status`), toRun('', command`trizone validate`)],
  });

/** The thirteen steps of the article on one cloud, each with its expected result. */
export class Article {
  private readonly o: Operator;
  private readonly a: ArticleOptions;
  private drill: { readonly run: Applied; readonly timeline: Timeline; readonly name: string } | undefined;

  constructor(operator: Operator, options: ArticleOptions) {
    this.o = operator;
    this.a = options;
  }

  private get options(): VerbOptions {
    return { ids: this.o.ids, takeOver: false };
  }

  /** Runs all steps; stops after the first failure. */
  async run(): Promise<ArticleStep[]> {
    await this.checkFresh();
    const steps: ArticleStep[] = [];
    for (const step of this.steps()) {
      const done = await this.one(step);
      steps.push(done);
      await this.a.ends(done);
      if (!done.ok) break;
    }
    return steps;
  }

  private async checkFresh(): Promise<void> {
    if ((await readStatus(this.o.world)).some((s) => s.name === cluster))
      throw new OperatorError('refused', `Cluster ${cluster} already exists, but the article starts without one`, {
        remedy: [
          toRun('Tear it down first', command`trizone down --yes-delete ${cluster}`),
          toRun('or', command`trizone emulator reset`),
        ],
      });
  }

  private async one({ n, title, command, run }: Step): Promise<ArticleStep> {
    this.a.begins(title);
    const start = this.o.clock.monotonic();
    const took = (ms: number): number => Math.round(ms / 1000);
    try {
      const outcome = await run();
      const requests = requestsOf((outcome.runs ?? []).map((r) => r.probed));
      const seconds = took(outcome.ms ?? this.o.clock.monotonic() - start);
      // The point of the article: masters are added and removed without losing a request.
      const lost = [4, 5, 11].includes(n) && requests !== null && requests.failed > 0;
      const evidence = lost ? `${requests.failed} of ${requests.sent} requests failed` : outcome.evidence;
      return { n, title, command, ok: !lost, seconds, evidence, requests };
    } catch (error) {
      if (!OperatorError.is(error) || error.code === 'cancelled') throw error;
      const evidence = `${error.message}${error.remedy ? `. ${error.remedy}` : ''}`;
      return {
        n,
        title,
        command,
        ok: false,
        seconds: took(this.o.clock.monotonic() - start),
        evidence,
        requests: null,
      };
    }
  }

  private steps(): Step[] {
    const [kubeUp, kubeDown] = ['kube-up.sh', 'kube-down.sh'];
    const { world } = this.o;
    const { options } = this;
    const pool = async (zone: string, nodes: number): Promise<Outcome> => {
      const run = await this.apply(await poolAdd.prepare(world, { cluster, zone }, options));
      return { evidence: await this.whole(1, nodes), runs: [run] };
    };
    const master = async (zone: string, masters: number): Promise<Outcome> => {
      const run = await this.apply(await replicate.prepare(world, { cluster, zone }, options));
      return { evidence: await this.whole(masters, 9), runs: [run] };
    };
    return [
      { n: 1, title: `Create the cluster in ${b}`, command: `KUBE_GCE_ZONE=${b} ${kubeUp}`, run: () => this.create() },
      { n: 2, title: `Add a node pool in ${c}`, command: existing(c, kubeUp), run: () => pool(c, 6) },
      { n: 3, title: `Add a node pool in ${d}`, command: existing(d, kubeUp), run: () => pool(d, 9) },
      { n: 4, title: `Replicate the master to ${c}`, command: replicating(c), run: () => master(c, 2) },
      { n: 5, title: `Replicate the master to ${d}`, command: replicating(d), run: () => master(d, 3) },
      { n: 6, title: 'List the nodes', command: 'kubectl get nodes', run: () => this.nodes() },
      { n: 7, title: 'Fetch nginx from every zone', command: 'kubectl run nginx …', run: () => this.smoke() },
      { n: 8, title: `Halt the master in ${c}`, command: 'sudo halt', run: () => this.halt() },
      {
        n: 9,
        title: 'Deploy nginx-next during the outage',
        command: 'kubectl run nginx-next …',
        run: () => this.whileDown(),
      },
      { n: 10, title: 'Start the master again', command: 'gcloud compute instances start', run: () => this.back() },
      { n: 11, title: `Remove the masters in ${c}, ${d}`, command: removing(c, d), run: () => this.mastersGo() },
      {
        n: 12,
        title: `Remove the node pools in ${c}, ${d}`,
        command: existing(c, kubeDown),
        run: () => this.poolsGo(),
      },
      { n: 13, title: 'Tear the cluster down', command: `KUBE_GCE_ZONE=${b} ${kubeDown}`, run: () => this.tearDown() },
    ];
  }

  private async create(): Promise<Outcome> {
    const pool = { zone: b, nodes: 3 };
    await this.apply(await up.prepare(this.o.world, pool, this.options));
    const words = await this.whole(1, 3);
    return { evidence: `${words}; ${(await this.status()).endpoint} responds` };
  }

  private async nodes(): Promise<Outcome> {
    const nodes = await (await apiOf(this.o.world, names(cluster))).nodes();
    const masters = nodes.filter((n) => n.taints.some((t) => t.startsWith('node-role.kubernetes.io/control-plane')));
    const ready = nodes.filter((n) => n.ready).length;
    if (nodes.length !== 12 || ready !== 12 || masters.length !== 3)
      throw wrong(
        `Expected 12 Ready nodes including 3 masters, found ${nodes.length} nodes, ${ready} Ready, ${masters.length} masters`,
      );
    return { evidence: '12 nodes Ready; the 3 masters are tainted' };
  }

  private async smoke(): Promise<Outcome> {
    const prepared = await smoke.prepare(this.o.world, { cluster }, this.options);
    const run = await this.apply(prepared);
    const zones = prepared.answered.map((a) => a.zone).sort();
    if (zones.join() !== [b, c, d].join()) throw wrong(`nginx responded only in ${zones.join(', ') || 'no zone'}`);
    return { evidence: `"Welcome to nginx!" in ${zones.join(', ')}`, runs: [run] };
  }

  private async halt(): Promise<Outcome> {
    const name = (await this.status()).masters.find((m) => m.zone === c)?.name ?? '';
    const prepared = await haltMaster.prepare(this.o.world, { cluster, name }, this.options);
    const run = await this.apply(prepared);
    this.drill = { run, timeline: prepared.timeline, name };
    const { from, to } = this.part('halted', 'answers');
    const notReady = this.moment('node') - from;
    const evidence = `${name} NotReady after ${Math.round(notReady / 1000)} s; nginx still responds`;
    return { evidence, runs: [run], ms: to - from };
  }

  private whileDown(): Promise<Outcome> {
    const { from, to } = this.part('answers', 'deployed');
    return Promise.resolve({ evidence: '"Welcome to nginx!" from nginx-next while the master is down', ms: to - from });
  }

  private async back(): Promise<Outcome> {
    const off = this.moment('started');
    const words = await this.whole(3, 9);
    return {
      evidence: `${this.drill?.name ?? ''} is back: ${words}`,
      ms: Math.max(0, (this.drill?.run.ms ?? 0) - off),
    };
  }

  // When the drill first observed something, in cluster milliseconds since its start.
  private moment(key: MomentKey): number {
    const found = this.drill?.timeline.moments.find((m) => m.key === key);
    if (found === undefined) throw wrong(`The drill did not observe: ${key}`);
    return found.ms;
  }

  private part(first: MomentKey, last: MomentKey): { from: number; to: number } {
    return { from: this.moment(first), to: this.moment(last) };
  }

  private mastersGo(): Promise<Outcome> {
    const { world } = this.o;
    const remove = async (zone: string): Promise<Prepared> => {
      const name = (await this.status()).masters.find((m) => m.zone === zone)?.name ?? '';
      return masterRemove.prepare(world, { cluster, name }, this.options);
    };
    return this.inBoth(remove, [() => this.whole(2, 9), () => this.whole(1, 9)]);
  }

  private poolsGo(): Promise<Outcome> {
    const remove = (zone: string) => poolRemove.prepare(this.o.world, { cluster, zone }, this.options);
    return this.inBoth(remove, [() => this.whole(1, 6), () => this.whole(1, 3)]);
  }

  // The article's "in c, then in d".
  private async inBoth(
    prepare: (zone: string) => Promise<Prepared>,
    see: readonly [() => Promise<string>, () => Promise<string>],
  ): Promise<Outcome> {
    const runs = [await this.apply(await prepare(c))];
    const first = await see[0]();
    runs.push(await this.apply(await prepare(d)));
    return { evidence: `${first}, then ${await see[1]()}`, runs };
  }

  private async tearDown(): Promise<Outcome> {
    const prepared = await down.prepare(this.o.world, { cluster }, this.options);
    if (prepared === undefined) throw wrong('No cluster to tear down');
    await this.apply(prepared);
    const left = await findLeftovers(this.o.world.cloud);
    if (left.length > 0) throw wrong(`Left behind: ${left.map((l) => `${l.kind} ${l.name}`).join(', ')}`);
    return { evidence: 'nothing left' };
  }

  private async apply(prepared: Prepared): Promise<Applied> {
    const plan = await planVerb(this.o, prepared, this.a.cancel);
    const [refusal] = plan.refusals;
    if (refusal !== undefined) throw refusal;
    const { cancel } = this.a;
    const result = await applyVerb(this.o, prepared, plan, {
      listen: () => undefined,
      cancel,
      takeOver: false,
      probe: true,
    });
    if (result.error !== undefined) throw result.error;
    return result;
  }

  private async status(): Promise<ClusterStatus> {
    const found = (await readStatus(this.o.world)).find((s) => s.name === cluster);
    if (found === undefined) throw wrong(`Cluster ${cluster} not found`);
    return found;
  }

  // The checks of kube-up's own e2e after each step: number of voting and serving masters, number of nodes, all Ready.
  private async whole(masters: number, nodes: number): Promise<string> {
    const s = await this.status();
    const serving = s.masters.filter((m) => ['leader', 'voter'].includes(m.etcd) && m.backend === 'healthy');
    const ready = s.pools.flatMap((p) => p.nodes).filter((n) => n.node === 'Ready').length;
    const all = s.pools.reduce((n, p) => n + p.nodes.length, 0);
    const mastersReady = s.masters.filter((m) => m.node === 'Ready').length;
    if (serving.length !== masters || s.masters.length !== masters || mastersReady !== masters)
      throw wrong(
        `Expected ${plural(masters, 'master')}, found ${s.masters.length}: ${serving.length} voting and serving, ${mastersReady} Ready`,
      );
    if (ready !== nodes || all !== nodes)
      throw wrong(`Expected ${plural(nodes, 'node')}, found ${all}, ${ready} Ready`);
    return `${quorumWords(masters)}, ${plural(nodes, 'node')} Ready`;
  }
}

const existing = (zone: string, script: string): string =>
  `KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=${zone} ${script}`;
const replicating = (zone: string): string => `KUBE_GCE_ZONE=${zone} KUBE_REPLICATE_EXISTING_MASTER=true kube-up.sh`;
const removing = (...zones: readonly string[]): string =>
  zones.map((zone) => `KUBE_DELETE_NODES=false KUBE_GCE_ZONE=${zone} kube-down.sh`).join('; ');
