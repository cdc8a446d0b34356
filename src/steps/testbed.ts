import type { KubernetesWriter, KubePod, Manifest } from '../kube/kubernetes.ts';
import type { Clock } from '../lib/clock.ts';
import { poll } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';

/** Cluster milliseconds: polling interval and time limit for a pod or a response. */
const limits = { everyMs: 2000, deadlineMs: 180_000 } as const;

/** Text on nginx's welcome page. */
const welcome = 'Welcome to nginx!';

const masterLabel = 'node-role.kubernetes.io/control-plane';
const zoneLabel = 'topology.kubernetes.io/zone';

/** Zones in which pods can run: those with a Ready, schedulable node that is not a master. */
export const zonesOfNodes = async (kubernetes: KubernetesWriter): Promise<string[]> => {
  const nodes = (await kubernetes.nodes()).filter((n) => n.ready && !n.unschedulable && !(masterLabel in n.labels));
  return [...new Set(nodes.map((n) => n.labels[zoneLabel] ?? ''))].filter((z) => z !== '').sort();
};

/** A namespace of our own in which the article's nginx and busybox run (its `kubectl run nginx --expose` and `wget`). */
export class Testbed {
  private readonly kubernetes: KubernetesWriter;
  private readonly namespace: string;
  private readonly clock: Clock;
  private fetches = 0;

  constructor(kubernetes: KubernetesWriter, namespace: string, clock: Clock) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
    this.clock = clock;
  }

  private get home(): Manifest {
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
  }

  /** Deletes the namespace with everything in it. */
  async close(): Promise<void> {
    await this.kubernetes.remove(this.home);
  }

  /** Deploys an nginx with its Service; waits until its pods are ready. */
  async serve(name: string, signal: AbortSignal): Promise<void> {
    await this.until(`namespace ${this.namespace} is still terminating`, signal, () => this.begin(name));
    await this.kubernetes.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: this.namespace },
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] },
    });
    await this.until(`${name} is not ready`, signal, async () => {
      const pods = (await this.pods()).filter((p) => p.labels.app === name);
      return pods.length >= 2 && pods.every((p) => p.ready) ? true : undefined;
    });
  }

  /** Fetches a server's home page by its DNS name, from a pod in a zone; a failed pod is replaced by another. */
  async fetch(name: string, zone: string, signal: AbortSignal): Promise<void> {
    let last = 'no response';
    await this.until(
      () => `${name} is not responding in ${zone}: ${last}`,
      signal,
      async () => {
        const pod = `fetch-${zone}-${Math.round(this.clock.now()).toString(36)}-${this.fetches++}`;
        await this.kubernetes.apply(this.fetcher(pod, name, zone));
        const ended = await poll(this.clock, limits.everyMs, signal, async () => {
          const found = (await this.pods()).find((p) => p.name === pod);
          return found !== undefined && ['Succeeded', 'Failed'].includes(found.phase) ? found : undefined;
        });
        last = (await this.kubernetes.podLog(this.namespace, pod)).trim();
        return ended.phase === 'Succeeded' && last.includes(welcome) ? true : undefined;
      },
    );
  }

  // The API accepts nothing in a terminating namespace: what an interrupted test left is reused, or waited for if
  // terminating.
  private async begin(name: string): Promise<true | undefined> {
    try {
      await this.kubernetes.apply(this.home);
      await this.kubernetes.apply(this.server(name, 2));
      return true;
    } catch (error) {
      if (OperatorError.is(error, 'kubernetes') && /terminated|not found/.test(error.message)) return undefined;
      throw error;
    }
  }

  private pods(): Promise<KubePod[]> {
    return this.kubernetes.pods(this.namespace);
  }

  private async until(
    what: string | (() => string),
    signal: AbortSignal,
    ask: () => Promise<true | undefined>,
  ): Promise<void> {
    const start = this.clock.monotonic();
    await poll(this.clock, limits.everyMs, signal, async () => {
      const done = await ask();
      if (done !== undefined || this.clock.monotonic() - start < limits.deadlineMs) return done;
      throw new OperatorError('kubernetes', typeof what === 'string' ? what : what(), {
        remedy: [toRun('Check the pods and DNS', command`kubectl get pods -A`), toRun('', command`trizone validate`)],
      });
    });
  }

  private server(name: string, replicas: number): Manifest {
    const labels = { app: name };
    const container = { name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: this.namespace },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    };
  }

  private fetcher(pod: string, server: string, zone: string): Manifest {
    const url = `http://${server}.${this.namespace}.svc.cluster.local`;
    const command = ['wget', '-q', '-T', '5', '-O-', url];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, namespace: this.namespace },
      spec: {
        restartPolicy: 'Never',
        nodeSelector: { [zoneLabel]: zone },
        containers: [{ name: 'fetch', image: 'busybox', command }],
      },
    };
  }
}
