import type { Cloud } from '../cloud.ts';
import { randomBelow } from '../../lib/ids.ts';
import { find, resources } from '../compute/catalog.ts';
import { partsOf, regionOfZone } from '../compute/paths.ts';
import type { ForwardingRule, Instance } from '../compute/resources.ts';
import { bootTable } from '../machines.ts';
import { admits } from './admission.ts';
import { isBackendHealthy } from './health.ts';
import { backendsOf, ruleAt, backendServiceOf } from './rules.ts';

/** Path of the machine that answers another machine's connection; undefined = black hole. */
export const dialFrom = (cloud: Cloud, from: string, ip: string, port: number): string | undefined => {
  const machine = find<Instance>(cloud, from);
  if (machine === undefined) return undefined;
  const rule = ruleAt(cloud, ip, port, machine.networkInterfaces[0]?.network);
  if (rule === undefined)
    return own(machine, ip) ? from : admitted(cloud, machine, machineAt(cloud, ip, machine), port);
  // Hairpin: the address is local on every machine behind the rule, so a machine answers itself, healthy or not.
  if (backendsOf(cloud, backendServiceOf(cloud, rule)).includes(from)) return from;
  return reachable(rule, machine, from) ? admitted(cloud, machine, choose(cloud, rule), port) : undefined;
};

/** The same for a connection from the user's computer. Skips firewalls: the client's address means nothing here. */
export const dialFromOutside = (cloud: Cloud, ip: string, port: number): string | undefined => {
  const rule = ruleAt(cloud, ip, port, undefined);
  if (rule !== undefined) return choose(cloud, rule);
  return resources<Instance>(cloud, 'instances').find(
    ({ path, resource }) => hasPower(cloud, path) && natIps(resource).includes(ip),
  )?.path;
};

const admitted = (cloud: Cloud, from: Instance, to: string | undefined, port: number): string | undefined => {
  const source = { ip: from.networkInterfaces[0]?.networkIP ?? '', tags: from.tags.items ?? [] };
  return to !== undefined && admits(cloud, source, to, port) ? to : undefined;
};

// Without an external address a machine cannot leave its network (there is no NAT); an internal rule is regional.
const reachable = (rule: ForwardingRule, machine: Instance, path: string): boolean => {
  if (rule.loadBalancingScheme === 'EXTERNAL') return natIps(machine).length > 0;
  const region = rule.region?.split('/').at(-1);
  const near = rule.allowGlobalAccess === true || region === regionOfZone(partsOf(path).scope.zone ?? '');
  return near && rule.network === machine.networkInterfaces[0]?.network;
};

// New connections go to healthy machines; if none is healthy, to all of them (Google's documented behavior).
const choose = (cloud: Cloud, rule: ForwardingRule): string | undefined => {
  const service = backendServiceOf(cloud, rule);
  const all = backendsOf(cloud, service);
  const healthy = all.filter((path) => isBackendHealthy(cloud, service, path));
  const from = healthy.length > 0 ? healthy : all;
  const chosen = from.length === 0 ? undefined : from[randomBelow(cloud.ids, from.length)];
  return chosen !== undefined && hasPower(cloud, chosen) ? chosen : undefined;
};

const machineAt = (cloud: Cloud, ip: string, from: Instance): string | undefined =>
  resources<Instance>(cloud, 'instances').find(
    ({ path, resource }) =>
      hasPower(cloud, path) &&
      ((natIps(from).length > 0 && natIps(resource).includes(ip)) ||
        (resource.networkInterfaces[0]?.networkIP === ip &&
          resource.networkInterfaces[0].network === from.networkInterfaces[0]?.network)),
  )?.path;

const own = (machine: Instance, ip: string): boolean =>
  machine.networkInterfaces[0]?.networkIP === ip || ip.startsWith('127.');

const natIps = (machine: Instance): string[] =>
  machine.networkInterfaces.flatMap((n) => (n.accessConfigs ?? []).flatMap((a) => a.natIP ?? []));

const hasPower = (cloud: Cloud, path: string): boolean => cloud.store.get(bootTable, path) !== undefined;
