import type { google } from '@google-cloud/compute/build/protos/protos.js';
import type * as v from 'valibot';

/** Name of a service of Compute Engine (a misspelt one does not compile); one the library does not know (`legacyClient.ts`). */
export type ComputeService = Uncapitalize<keyof typeof google.cloud.compute.v1> | 'httpHealthChecks';

/** What can be done to a resource beside insert and delete: the API's method name and its body. */
export interface Actions {
  readonly setLabels: { labels: Record<string, string>; labelFingerprint: string };
  readonly addInstances: { instances: { instance: string }[] };
  readonly removeInstances: { instances: { instance: string }[] };
  readonly setDeletionProtection: { deletionProtection: boolean };
  /** Power-cycles a machine; its startup script runs again. */
  readonly reset: Record<string, never>;
  /** Powers a stopped machine on; its startup script runs again. */
  readonly start: Record<string, never>;
  /** Shuts a machine down; after about 90 s Google cuts its power. */
  readonly stop: Record<string, never>;
  /** Lets a managed group make machines until it has this many. */
  readonly resize: { size: number };
  /** Takes exactly these machines out of a managed group and deletes them; its target size shrinks with them. */
  readonly deleteInstances: { instances: string[] };
  readonly patch: Record<string, unknown>;
}

/** Request fields of an action. */
export interface ActionRow {
  /** Path parameter that holds the resource's name. */
  readonly name: string;
  /** Parameter that holds the body; absent where the body's fields are parameters themselves. */
  readonly body?: string;
}

/** What there is to know of one kind of resource; a kind that is only read has no more. */
export interface KindRow {
  readonly client: ComputeService;
  /** Name of the path parameter; with `Resource` behind it, of the body's. */
  readonly one: string;
  readonly scope: 'global' | 'region' | 'zone';
  /** Service whose `aggregatedList` covers all zones and regions; absent for global kinds. */
  readonly aggregated?: ComputeService;
  /** Fields of a resource that an aggregated list asks for; absent = all. */
  readonly fields?: string;
  /** What an answer of Google must look like, and what of it is kept. */
  readonly schema: v.GenericSchema;
  readonly actions?: { readonly [A in keyof Actions]?: ActionRow };
}

/** What resources are about, as plans group them. */
export type ResourceGroup = 'Network' | 'Load balancer' | 'Disks' | 'Masters' | 'Nodes';

/** A kind that Trizone removes, also where only Kubernetes makes it. */
export interface RemovableRow extends KindRow {
  /** What people call it, and gcloud. */
  readonly noun: string;
  readonly gcloud: string;
  /** Where a plan tells of it. */
  readonly group: ResourceGroup;
  /** Whether it costs money while it exists. */
  readonly billed: boolean;
  /** Kinds that are in its way: a tear down removes those first. */
  readonly goesAfter: readonly RemovableRow[];
}

/** A kind that Trizone makes. */
export interface OwnRow extends RemovableRow {
  /** Anchored pattern of the names that a cluster's resources of the kind can have: with the marker it says what is its own. */
  readonly owns: (cluster: string) => RegExp;
  readonly body: BodyType<object>;
}

/** Carries the type of an insert's body. */
export interface BodyType<B extends object> {
  /** Never set. */
  readonly is?: B;
}

/** Body of an insert, in the client library's own types: a misspelt field does not compile (the client would drop it). */
export const body = <B extends object>(): BodyType<B> => ({});

/** The action `patch` of a kind, by its path parameter. */
export const patch = (one: string): ActionRow => ({ name: one, body: `${one}Resource` });

/** The action `setLabels` of a kind. */
export const setLabels = (prefix: string): ActionRow => ({
  name: 'resource',
  body: `${prefix}SetLabelsRequestResource`,
});
