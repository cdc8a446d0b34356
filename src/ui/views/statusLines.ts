import type { ObservedCluster } from '../snapshot.ts';
import type { Fact, LineView } from './statusMessages.ts';
import { type Validated, validationLine } from './statusValidation.ts';
import { clockTime, timeWord, type Speaker } from '../words.ts';

/** The cluster's lines below the verdict: API, endpoint, last validation, and other processes working on it. */
export const clusterLines = (
  speaker: Speaker,
  cluster: ObservedCluster,
  validated: Validated,
  lease: boolean,
): LineView[] => [
  ...(lease ? leaseLine(speaker, cluster) : []),
  ...apiLine(speaker, cluster),
  endpointLine(speaker, cluster),
  validationLine(speaker, validated),
];

const leaseLine = ({ t }: Speaker, { running }: ObservedCluster): LineView[] => {
  if (running === undefined) return [];
  const { verb, silentSeconds } = running;
  const fact: Fact =
    silentSeconds === undefined
      ? { tone: 'busy', text: t('Held by another computer: {0}', verb) }
      : {
          tone: 'warn',
          text: t('Held by a dead run: {0}, no heartbeat for {1}', verb, timeWord(t, silentSeconds * 1000)),
        };
  return [{ icon: 'lease', label: t('Lease'), fact, details: [] }];
};

// A responding API is visible from the machines' columns; this line is for one that is not.
const apiLine = (speaker: Speaker, cluster: ObservedCluster): LineView[] => {
  const { t } = speaker;
  if (cluster.unreachable === undefined) return [];
  const fact: Fact =
    cluster.unreachableSince === undefined
      ? { tone: 'quiet', text: t('no response yet') }
      : { tone: 'bad', text: t('API unreachable since {0}', clockTime(speaker, cluster.unreachableSince)) };
  const of =
    cluster.kubernetesAt === undefined
      ? []
      : [t('Kubernetes data is from {0}.', clockTime(speaker, cluster.kubernetesAt))];
  return [{ icon: 'api', label: t('API'), fact, details: [...of, cluster.unreachable] }];
};

const endpointLine = ({ t }: Speaker, cluster: ObservedCluster): LineView => {
  const healthy = cluster.masters.filter((m) => m.backend === 'healthy').length;
  const total = cluster.masters.length;
  const tone = total === 0 ? 'quiet' : healthy === total ? 'good' : healthy === 0 ? 'bad' : 'warn';
  const text = total === 0 ? t('no backend yet') : t('{0}/{1} backends healthy', healthy, total);
  return { icon: 'endpoint', label: t('Endpoint'), fact: { tone, text }, details: [cluster.endpoint] };
};
