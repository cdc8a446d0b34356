import type { CheckId } from '../steps/check.ts';
import type { Translate } from './translate.ts';

const titles = (t: Translate): Readonly<Record<CheckId, string>> => ({
  'machines-running': t('Instances are running'),
  'pools-stable': t('Node pools are stable'),
  'firewalls-in-place': t('Firewall rules are in place'),
  'backends-healthy': t('Load balancer backends are healthy'),
  'api-ready': t('API is ready'),
  'nodes-ready': t('Nodes are Ready'),
  'nodes-match-machines': t('Nodes and instances match'),
  'nodes-initialized': t('Nodes are initialized'),
  'etcd-members': t('etcd members match the masters'),
  'etcd-health': t('etcd is healthy'),
  'api-servers': t('Every API server is responding'),
  'control-plane-leases': t('Controllers and scheduler have leaders'),
  'dns-spread': t('DNS is spread across zones'),
  'versions-skew': t('Versions are compatible'),
  certificates: t('Certificates do not expire soon'),
  'join-secret': t('Nodes can join'),
});

/** Title of a validation check; a check unknown to this version shows its ID. */
export const checkTitle = (t: Translate, id: string): string =>
  (titles(t) as Readonly<Record<string, string | undefined>>)[id] ?? id;
