import type * as v from 'valibot';
import type { KindRow, OwnRow, RemovableRow } from './kind.ts';
import { addresses } from './kinds/addresses.ts';
import { backendServices } from './kinds/backendServices.ts';
import { disks } from './kinds/disks.ts';
import { firewalls } from './kinds/firewalls.ts';
import { forwardingRules } from './kinds/forwardingRules.ts';
import { healthChecks } from './kinds/healthChecks.ts';
import { httpHealthChecks } from './kinds/httpHealthChecks.ts';
import { images } from './kinds/images.ts';
import { instanceGroupManagers } from './kinds/instanceGroupManagers.ts';
import { instanceGroups } from './kinds/instanceGroups.ts';
import { instances } from './kinds/instances.ts';
import { instanceTemplates } from './kinds/instanceTemplates.ts';
import { machineTypes } from './kinds/machineTypes.ts';
import { networks } from './kinds/networks.ts';
import { projects } from './kinds/projects.ts';
import { regions } from './kinds/regions.ts';
import { subnetworks } from './kinds/subnetworks.ts';
import { targetPools } from './kinds/targetPools.ts';
import { zones } from './kinds/zones.ts';

// By their names in the REST API. What Trizone makes stands in the order of its removal: no kind before one that it `goesAfter`.
const table = {
  instanceGroupManagers,
  instanceTemplates,
  instances,
  disks,
  forwardingRules,
  backendServices,
  instanceGroups,
  healthChecks,
  addresses,
  firewalls,
  subnetworks,
  networks,
  targetPools,
  httpHealthChecks,
  machineTypes,
  images,
  zones,
  regions,
  projects,
} as const satisfies Readonly<Record<string, KindRow | OwnRow>>;

type Kinds = typeof table;

/** The kinds of resources that Trizone reads or makes. */
export type Kind = keyof Kinds;

/** Kinds that Trizone makes. */
export type OwnKind = { [K in Kind]: Kinds[K] extends OwnRow ? K : never }[Kind];

/** Kinds that Trizone removes: its own, and those that only Kubernetes makes. */
export type RemovableKind = { [K in Kind]: Kinds[K] extends RemovableRow ? K : never }[Kind];

/** Kind → what is kept of such a resource. */
export type Resources = { [K in Kind]: v.InferOutput<Kinds[K]['schema']> };

/** Kind → body of its insert. */
export type Bodies = { [K in OwnKind]: NonNullable<Kinds[K]['body']['is']> };

type Rows = Record<Kind, KindRow> & Record<RemovableKind, RemovableRow> & Record<OwnKind, OwnRow>;

/**
 * Every kind of resource. Whatever the program knows of a kind stands in its file; inventory, leftovers, tear down, gate, words, and
 * the methods in the trimmed client bundle follow from it.
 */
export const kinds: Readonly<Rows> = table;

/** Whether Trizone makes resources of this kind. */
export const isOwnKind = (kind: Kind): kind is OwnKind => 'owns' in kinds[kind];

/** Kinds that Trizone removes. */
export const removableKinds: readonly RemovableKind[] = (Object.keys(table) as Kind[]).filter(
  (kind): kind is RemovableKind => 'noun' in kinds[kind],
);

/** Kinds that Trizone makes, in the order of their removal. */
export const ownKinds: readonly OwnKind[] = (Object.keys(table) as Kind[]).filter(isOwnKind);
