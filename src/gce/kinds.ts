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

// By their names in the REST API. Created kinds are listed in deletion order: no kind before one that it `goesAfter`.
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

/** The kinds of resources that Trizone reads or creates. */
export type Kind = keyof Kinds;

/** Kinds that Trizone creates. */
export type OwnKind = { [K in Kind]: Kinds[K] extends OwnRow ? K : never }[Kind];

/** Kinds that Trizone deletes: its own, and those that only Kubernetes creates. */
export type RemovableKind = { [K in Kind]: Kinds[K] extends RemovableRow ? K : never }[Kind];

/** Kind → the fields kept of its resources. */
export type Resources = { [K in Kind]: v.InferOutput<Kinds[K]['schema']> };

/** Kind → body of its insert. */
export type Bodies = { [K in OwnKind]: NonNullable<Kinds[K]['body']['is']> };

type Rows = Record<Kind, KindRow> & Record<RemovableKind, RemovableRow> & Record<OwnKind, OwnRow>;

/**
 * Every kind of resource. All knowledge about a kind is in its file; inventory, leftovers, teardown, gate, wording, and
 * the methods in the trimmed client bundle are derived from it.
 */
export const kinds: Readonly<Rows> = table;

/** Whether Trizone creates resources of this kind. */
export const isOwnKind = (kind: Kind): kind is OwnKind => 'owns' in kinds[kind];

/** Kinds that Trizone deletes. */
export const removableKinds: readonly RemovableKind[] = (Object.keys(table) as Kind[]).filter(
  (kind): kind is RemovableKind => 'noun' in kinds[kind],
);

/** Kinds that Trizone creates, in deletion order. */
export const ownKinds: readonly OwnKind[] = (Object.keys(table) as Kind[]).filter(isOwnKind);
