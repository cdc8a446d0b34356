import type { Translate } from './translate.ts';

/** One title in the person's language; `a` and `b` are the names in it. */
type Row = (t: Translate, a: string, b: string) => string;

/**
 * Every title that a step declares (`steps/`, `workflows/`). A row's English message is its pattern too: {0} stands for a
 * name, which has no spaces. `test/ui/stepTitles.test.ts` builds all workflows and finds what is missing or not used.
 */
const rows: readonly Row[] = [
  (t) => t('APIs are enabled'),
  (t) => t('Permissions suffice'),
  (t, a) => t('Zone {0} is up', a),
  (t) => t('Machine types exist'),
  (t) => t('Machine image is found'),
  (t) => t('Cluster name is free'),
  (t) => t('Quotas suffice'),
  (t) => t("Reserve the API's address (root record)"),
  (t) => t("Hold the cluster's lease"),
  (t) => t('Ask again whether the name is free'),
  (t) => t("Create masters' service account"),
  (t) => t("Create nodes' service account"),
  (t) => t('Give the machines their roles'),
  (t) => t('Create secret for the CA'),
  (t) => t('Create secret for the join token'),
  (t) => t('Create secret for the admin kubeconfig'),
  (t) => t('Create network'),
  (t) => t('Create subnet'),
  (t) => t('Open the API'),
  (t) => t('Let health checks in'),
  (t) => t('Let masters reach etcd'),
  (t) => t('Let the cluster reach masters'),
  (t) => t('Let the cluster reach nodes'),
  (t) => t('Let pods reach nodes'),
  (t) => t("Let Google's proxy reach ssh"),
  (t) => t("Reserve the API's internal address"),
  (t) => t('Create health check'),
  (t, a) => t("Create masters' group in {0}", a),
  (t) => t('Create external backend service'),
  (t) => t('Create internal backend service'),
  (t) => t('Create external forwarding rule'),
  (t) => t('Create internal forwarding rule'),
  (t, a) => t('Reserve address of {0}', a),
  (t) => t('Label addresses and forwarding rules'),
  (t, a) => t('Create disk of {0}', a),
  (t, a) => t('Create machine {0}', a),
  (t, a) => t('Put {0} behind the load balancer', a),
  (t, a) => t('Wait until {0} serves', a),
  (t) => t('Create instance template'),
  (t, a, b) => t('Create node pool {0} in {1}', a, b),
  (t, a, b) => t('Wait for the machines of {0} in {1}', a, b),
  (t, a, b) => t('Wait until the nodes of {0} in {1} are Ready', a, b),
  (t) => t('Validate the cluster'),
  (t, a) => t('Take {0} out of the load balancer', a),
  (t) => t('Remove instance templates'),
  (t) => t("Take the machines' roles away"),
  (t, a, b) => t('Remove node pool {0} in {1}', a, b),
  (t, a, b) => t('Grow node pool {0} in {1}', a, b),
  (t, a, b) => t('Drain nodes of {0} in {1}', a, b),
  (t, a, b) => t('Remove the Node objects of {0} in {1}', a, b),
  (t, a, b) => t('Remove machines of {0} in {1}', a, b),
  (t, a, b) => t('Wait until {0} in {1} is settled', a, b),
  (t, a) => t('Address {0} is there', a),
  (t, a) => t('etcd may take {0} in', a),
  (t, a) => t('etcd can do without {0}', a),
  (t, a) => t('Wait until {0} votes in etcd', a),
  (t, a) => t('Wait until {0} is healthy behind the load balancer', a),
  (t, a) => t('Let connections to {0} end', a),
  (t, a) => t("Move etcd's leader away from {0}", a),
  (t, a) => t('Drain {0}', a),
  (t, a) => t('Start machine {0}', a),
  (t, a) => t('Switch {0} off before it joins', a),
  (t, a) => t('Halt {0}, watch, and start it again', a),
  (t, a) => t('The others carry on without {0}', a),
  (t) => t('Fetch nginx from every zone'),
  (t) => t('Protect the cluster'),
  (t) => t('End the protection of the cluster'),
  (t, a) => t('Remove {0} from etcd', a),
  (t, a) => t('Remove the Node object of {0}', a),
  (t, a, b) => t('Take the group of {0} out of {1}', a, b),
  (t, a, b) => t('Remove machine {0} in {1}', a, b),
  (t, a, b) => t('Remove disk {0} in {1}', a, b),
  (t, a, b) => t('Remove group {0} in {1}', a, b),
  (t, a) => t('Remove forwarding rule {0}', a),
  (t, a) => t('Remove backend service {0}', a),
  (t, a) => t('Remove health check {0}', a),
  (t, a) => t('Remove target pool {0}', a),
  (t, a) => t('Remove legacy health check {0}', a),
  (t) => t('Let Kubernetes remove what it made'),
  (t, a, b) => t("Mark disk {0} in {1} as the cluster's", a, b),
  (t, a) => t('Remove address {0}', a),
  (t, a) => t('Remove firewall rule {0}', a),
  (t, a) => t('Remove subnet {0}', a),
  (t, a) => t('Remove network {0}', a),
  (t, a) => t('Remove secret {0}', a),
  (t, a) => t('Remove service account {0}', a),
];

const messageOf = (row: Row): string => row((message) => message, '', '');

const patternOf = (message: string): RegExp =>
  new RegExp(`^${message.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\d\}/g, '(\\S+)')}$`);

/** Made on first use: activation pays for nothing (invariant 9). */
let patterns: readonly (readonly [RegExp, Row])[] | undefined;

/** A step's title in the person's language; one without a row stays English. */
export const stepTitle = (t: Translate, title: string): string => {
  patterns ??= rows.map((row) => [patternOf(messageOf(row)), row] as const);
  for (const [pattern, row] of patterns) {
    const found = pattern.exec(title);
    if (found !== null) return row(t, found[1] ?? '', found[2] ?? '');
  }
  return title;
};

/** English messages of all rows, in their order. */
export const stepMessages = (): string[] => rows.map(messageOf);
