import type { Cloud } from '../../cloud.ts';
import { invalidField, invalidValue, notReady } from '../../http/apiError.ts';
import type { ValidBody } from '../../schema/validator.ts';
import { type ApiCall, textOf } from '../call.ts';
import { find, save } from '../catalog.ts';
import { parseRange } from '../cidr.ts';
import { findNamed, type KindRules, requestOperation } from '../kind.ts';
import { heldBy, type Task } from '../operations.ts';
import { linkOf, longPath, pathFromField, readLink } from '../paths.ts';
import type { Firewall, FirewallPorts, StoredOperation } from '../resources.ts';

/** Firewall rules. */
export const firewallRules: KindRules = {
  collection: 'firewalls',
  noun: 'firewall',
  type: 'firewall',
  services: [{ name: 'Firewalls', scope: 'global' }],
  quota: { metric: 'FIREWALLS', scope: 'project' },
  inUseAnswer: 'request',
  references: (cloud, firewall: Firewall) => [
    { field: 'resource.network', path: readLink(cloud.project, firewall.network)?.path ?? '' },
  ],
  draft: (cloud, call) => complete(cloud, call.body),
  methods: {
    Patch: (cloud, call) => change(cloud, call, 'patch'),
    Update: (cloud, call) => change(cloud, call, 'update'),
  },
  effects: { patch: { apply: applyChange }, update: { apply: applyChange } },
};

const complete = (cloud: Cloud, body: ValidBody): object => {
  const { allowed, denied } = body as { allowed?: readonly FirewallPorts[]; denied?: readonly FirewallPorts[] };
  if ((allowed === undefined) === (denied === undefined)) {
    throw invalidValue(
      "Invalid value for field 'resource.allowed': ''. Exactly one of allowed or denied must be specified.",
    );
  }
  for (const [i, rule] of [...(allowed ?? []), ...(denied ?? [])].entries()) checkPorts(`resource.allowed[${i}]`, rule);
  const sources = ['sourceRanges', 'sourceTags', 'sourceServiceAccounts'].some((f) => body[f] !== undefined);
  const ranges = (body.sourceRanges ?? []) as readonly string[];
  for (const [i, range] of ranges.entries()) {
    if (parseRange(range.includes('/') ? range : `${range}/32`) === undefined && !range.includes(':')) {
      throw invalidField(`resource.sourceRanges[${i}]`, range, 'Must be a CIDR address range.');
    }
  }
  const link = textOf(body, 'network', 'global/networks/default');
  return {
    network: linkOf(cloud.project, pathFromField(cloud.project, 'resource.network', link, 'networks')),
    direction: body.direction ?? 'INGRESS',
    priority: body.priority ?? 1000,
    disabled: body.disabled ?? false,
    logConfig: body.logConfig ?? { enable: false },
    ...(!sources && body.direction !== 'EGRESS' && { sourceRanges: ['0.0.0.0/0'] }),
  };
};

const protocols = new Set(['tcp', 'udp', 'icmp', 'esp', 'ah', 'sctp', 'ipip', 'all']);

const checkPorts = (field: string, rule: FirewallPorts): void => {
  if (!protocols.has(rule.IPProtocol) && !/^\d{1,3}$/.test(rule.IPProtocol)) {
    throw invalidField(`${field}.IPProtocol`, rule.IPProtocol, 'Must be a protocol name or number.');
  }
  for (const port of rule.ports ?? []) {
    if (!/^\d{1,5}(-\d{1,5})?$/.test(port))
      throw invalidField(`${field}.ports`, port, 'Must be a port or a range of ports.');
  }
};

const change = (cloud: Cloud, call: ApiCall, verb: 'patch' | 'update'): StoredOperation => {
  const { path, ...old } = findNamed<Firewall>(cloud, 'firewalls', call);
  if (heldBy(cloud, path) !== undefined) throw notReady(longPath(cloud.project, path));
  const next = verb === 'patch' ? { ...old, ...call.body } : call.body;
  const fields = { ...next, ...complete(cloud, next) };
  const kept = { id: old.id, kind: old.kind, selfLink: old.selfLink, creationTimestamp: old.creationTimestamp };
  return requestOperation(cloud, call, { path, id: old.id }, verb, { ...fields, ...kept });
};

function applyChange(cloud: Cloud, task: Task): void {
  const old = find<Firewall>(cloud, task.target);
  if (old !== undefined) save(cloud, task.target, { ...(task.payload as Firewall), name: old.name });
}
