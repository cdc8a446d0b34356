import * as v from 'valibot';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import type { Answered } from '../../../src/lib/textAnswer.ts';

const link = v.optional(v.string(), '');
const ports = v.object({ IPProtocol: v.string(), ports: v.optional(v.array(v.string()), []) });

const firewall = v.object({
  name: v.string(),
  network: v.string(),
  priority: v.number(),
  direction: v.string(),
  disabled: v.optional(v.boolean(), false),
  allowed: v.optional(v.array(ports)),
  denied: v.optional(v.array(ports)),
  sourceRanges: v.optional(v.array(v.string()), []),
  sourceTags: v.optional(v.array(v.string()), []),
  targetTags: v.optional(v.array(v.string()), []),
});
/** A firewall rule as Compute Engine's API returns it. */
export type FirewallRule = v.InferOutput<typeof firewall>;

const service = v.object({
  selfLink: v.string(),
  region: link,
  name: v.string(),
  backends: v.optional(v.array(v.object({ group: v.string() })), []),
});
const healths = v.object({
  healthStatus: v.optional(
    v.array(v.object({ ipAddress: v.string(), healthState: v.string(), forwardingRuleIp: v.string() })),
    [],
  ),
});

/** The lab's own view of the emulated cloud: through its API, like any client. */
export class CloudLists {
  private readonly emulator: Emulator;

  constructor(emulator: Emulator) {
    this.emulator = emulator;
  }

  async firewalls(): Promise<FirewallRule[]> {
    const page = v.object({ items: v.optional(v.array(firewall), []) });
    return v.parse(page, await this.ask('global/firewalls')).items;
  }

  /** Health of every machine behind every load balancer, by the address of its forwarding rule. */
  async health(): Promise<{ readonly address: string; readonly ip: string; readonly healthy: boolean }[]> {
    const scoped = v.object({
      items: v.optional(v.record(v.string(), v.object({ backendServices: v.optional(v.array(service), []) })), {}),
    });
    const { items } = v.parse(scoped, await this.ask('aggregated/backendServices'));
    const services = Object.values(items).flatMap((scope) => scope.backendServices);
    const asked = services.flatMap((s) =>
      s.backends.map(async ({ group }) => {
        const path = s.selfLink.replace(/^.*\/projects\/[^/]+\//, '');
        return v.parse(healths, await this.ask(`${path}/getHealth`, { group })).healthStatus;
      }),
    );
    return (await Promise.all(asked)).flat().map(({ forwardingRuleIp, ipAddress, healthState }) => ({
      address: forwardingRuleIp,
      ip: ipAddress,
      healthy: healthState === 'HEALTHY',
    }));
  }

  /** Names of all instances, running or not. */
  async instanceNames(): Promise<Set<string>> {
    const named = v.object({ instances: v.optional(v.array(v.object({ name: v.string() })), []) });
    const scoped = v.object({ items: v.optional(v.record(v.string(), named), {}) });
    const { items } = v.parse(scoped, await this.ask('aggregated/instances'));
    return new Set(Object.values(items).flatMap((scope) => scope.instances.map((i) => i.name)));
  }

  /** Power-cycles a machine (`instances.reset`). */
  async reset(zone: string, name: string): Promise<void> {
    await this.ask(`zones/${zone}/instances/${name}/reset`, {});
  }

  /** Newest payload of a secret; undefined while there is none. */
  async secret(id: string): Promise<string | undefined> {
    const answer = await this.send('GET', `/v1/projects/${this.emulator.project}/secrets/${id}/versions/latest:access`);
    if (answer.status === 404) return undefined;
    const { payload } = v.parse(v.object({ payload: v.object({ data: v.string() }) }), await answer.json());
    return Buffer.from(payload.data, 'base64').toString('utf8');
  }

  /** Adds a version to a secret, as a user would; false if the secret does not exist yet. */
  async addSecretVersion(id: string, text: string): Promise<boolean> {
    const payload = { data: Buffer.from(text).toString('base64') };
    const path = `/v1/projects/${this.emulator.project}/secrets/${id}:addVersion`;
    return (await this.send('POST', path, { payload })).status === 200;
  }

  private async ask(path: string, body?: object): Promise<unknown> {
    const url = `/compute/v1/projects/${this.emulator.project}/${path}`;
    const answer = await this.send(body === undefined ? 'GET' : 'POST', url, body);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  private send(method: string, path: string, body?: object): Promise<Answered> {
    const headers = { authorization: `Bearer ${this.emulator.secret}`, 'content-type': 'application/json' };
    return this.emulator.fetch(`http://127.0.0.1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
