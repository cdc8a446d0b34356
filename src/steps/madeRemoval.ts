import { knownFacts } from '../engine/step.ts';
import type { Kind, RemovableKind, Resources } from '../gce/kinds.ts';
import { message } from '../lib/message.ts';
import { claimOf } from '../model/madeByKubernetes.ts';
import { labelKeys, type Marker } from '../model/marker.ts';
import { refOf } from './inventory.ts';
import { removal } from './resource.ts';
import type { After, CloudStep } from './world.ts';

/** Deletes exactly the resource in the plan: same name, same description, same creation time. */
export const removeMade = <K extends RemovableKind>(
  kind: K,
  planned: Resources[K],
  owner: Marker,
  after: After,
): CloudStep =>
  removal(refOf(kind, planned), owner, after, {
    ...(kind === 'disks' ? { risk: 'data' as const } : {}),
    ours: isAsPlanned(planned),
  });

// Same creation time and description: the planned resource, not a later one of the same name.
const isAsPlanned = (planned: Resources[RemovableKind]) => (found: Resources[Kind]) =>
  found.created === planned.created && found.description === planned.description;

/**
 * Labels a volume's disk as the cluster's, before the machines it is attached to are deleted: only they identify its
 * owner, and a teardown that was killed must find it again.
 */
export const markDisk = (
  owner: Marker,
  disk: Resources['disks'],
  after: After,
): CloudStep<void, Resources['disks'] | undefined> => {
  const ref = refOf('disks', disk);
  const labels = { [labelKeys.cluster]: owner.cluster, [labelKeys.uid]: owner.uid };
  return {
    id: `mark-disk:${disk.zone ?? ''}/${disk.name}`,
    title: message('Label disk {0} in {1} as part of the cluster', disk.name, disk.zone ?? ''),
    after,
    timeoutMs: 300_000,
    expectedMs: 5000,
    observe: (ctx) => ctx.world.cloud.compute.get(ref),
    decide: (seen) => {
      const found = knownFacts(seen);
      const isDone = found === undefined || found.labels[labelKeys.uid] === owner.uid;
      if (isDone || found.created !== disk.created) return { do: 'nothing', out: undefined };
      const line = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const gcloud = `gcloud compute disks add-labels ${disk.name} --zone=${disk.zone ?? ''} --labels=${line.join(',')}`;
      return { do: 'update', detail: `claim ${claimOf(disk) ?? ''}`, gcloud };
    },
    perform: async (ctx, _change, found) => {
      if (found === undefined) return;
      const { compute } = ctx.world.cloud;
      const body = { labels: { ...found.labels, ...labels }, labelFingerprint: found.labelFingerprint };
      await compute.act(await compute.own(ref, isAsPlanned(disk)), 'setLabels', body, ctx.call());
    },
  };
};
