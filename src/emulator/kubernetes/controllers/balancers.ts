import { uuid5 } from '../../../lib/ids.ts';
import type { KubeObject } from '../kubeObject.ts';
import { serviceSpec, storedOf, type Objects, type StoredObject } from '../storedObject.ts';
import { gone, made, replaced, workers, type Controller } from './controller.ts';
import { held, isHeldBy, isLeaving, released } from './finalizers.ts';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

/**
 * The service controller with Google's external load balancers (cloud-provider-gcp,
 * gce_loadbalancer_external.go and gce_loadbalancer_naming.go): a Service gets a target pool of all
 * nodes, a forwarding rule, and a firewall; all Services share one legacy health check of the nodes.
 * Google's controller reserves the address while it works; here it is the rule's own.
 */
export const balancers = (controller: Controller): Objects => {
  let { objects } = controller.data;
  for (const [key, stored] of storedOf(controller.data, 'services')) {
    const next = isWanted(stored)
      ? ensured(controller, stored)
      : cleaned({ ...controller, data: { ...controller.data, objects } }, stored);
    objects = replaced(controller, objects, key, next);
  }
  return objects;
};

const isWanted = (stored: StoredObject): boolean =>
  serviceSpec(stored.object).type === 'LoadBalancer' && !isLeaving(stored);

const partsOf = (controller: Controller, { metadata }: KubeObject) => {
  const name = `a${metadata.uid.replaceAll('-', '')}`.slice(0, 32);
  const nodes = `k8s-${uuid5(controller.data.uid, 'ingress-uid').replaceAll('-', '').slice(0, 16)}-node`;
  const region = `regions/${controller.data.region}`;
  return {
    rule: `${region}/forwardingRules/${name}`,
    pool: `${region}/targetPools/${name}`,
    firewall: `global/firewalls/k8s-fw-${name}`,
    check: `global/httpHealthChecks/${nodes}`,
    checkFirewall: `global/firewalls/${nodes}-http-hc`,
  };
};

// Source ranges of Google's health checks for target pools.
const checkers = ['130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22', '35.191.0.0/16'];
const kubeProxy = 10256;

const ensured = (controller: Controller, stored: StoredObject): StoredObject => {
  const own = held(stored, finalizer);
  const parts = partsOf(controller, own.object);
  const { metadata } = own.object;
  const service = { 'kubernetes.io/service-name': `${metadata.namespace ?? 'default'}/${metadata.name}` };
  const description = JSON.stringify(service);
  const network = controller.host.made.networkOf(controller.master);
  const guarded = { network, targetTags: [`${controller.data.cluster}-minion`] };
  const machines = workers(controller).map((node) => node.key);

  const open = made(controller, parts.checkFirewall, { ...guarded, sourceRanges: checkers, allowed: tcp([kubeProxy]) });
  const check = made(controller, parts.check, { port: kubeProxy, requestPath: '/healthz' });
  if (open === undefined || check === undefined) return own;
  const instances = machines.map((key) => key.replace(/^([^/]+)\//, 'zones/$1/instances/'));
  const pool = made(controller, parts.pool, { description, instances, healthChecks: [parts.check] });
  if (pool === undefined) return own;
  controller.host.made.setMembers(parts.pool, machines);
  const rule = made(controller, parts.rule, { description, target: parts.pool, ...portsOf(own.object) });
  if (rule === undefined) return own;
  const ip = String(rule.IPAddress);
  const more = JSON.stringify({ ...service, 'kubernetes.io/service-ip': ip });
  const ports = serviceSpec(own.object).ports.map((p) => p.port);
  const fence = { ...guarded, description: more, sourceRanges: ['0.0.0.0/0'], allowed: tcp(ports) };
  return made(controller, parts.firewall, fence) === undefined ? own : withIngress(own, [{ ip, ipMode: 'VIP' }]);
};

const tcp = (ports: readonly number[]): object[] => [{ IPProtocol: 'tcp', ports: ports.map(String) }];

// One rule for all ports of a Service: from the lowest to the highest.
const portsOf = (object: KubeObject): object => {
  const { ports } = serviceSpec(object);
  const numbers = ports.map((p) => p.port);
  return {
    IPProtocol: ports[0]?.protocol ?? 'TCP',
    portRange: `${Math.min(...numbers)}-${Math.max(...numbers)}`,
  };
};

const withIngress = (stored: StoredObject, ingress: readonly object[]): StoredObject => {
  const status = { loadBalancer: ingress.length === 0 ? {} : { ingress } };
  if (JSON.stringify(stored.object.status) === JSON.stringify(status)) return stored;
  return { ...stored, object: { ...stored.object, status } };
};

// Also for a Service whose type has changed.
const cleaned = (controller: Controller, stored: StoredObject): StoredObject | undefined => {
  if (!isHeldBy(stored, finalizer)) return stored;
  const parts = partsOf(controller, stored.object);
  const own =
    [gone(controller, parts.rule), gone(controller, parts.firewall)].every(Boolean) && gone(controller, parts.pool);
  const others = storedOf(controller.data, 'services').filter(([, other]) => isHeldBy(other, finalizer));
  if (!own || (others.length === 1 && !(gone(controller, parts.check) && gone(controller, parts.checkFirewall))))
    return stored;
  return released(withIngress(stored, []), finalizer);
};
