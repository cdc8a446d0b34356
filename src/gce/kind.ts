import type { google } from '@google-cloud/compute/build/protos/protos.js';
import type * as v from 'valibot';

/** Name of a Compute Engine service (a typo does not compile), plus one that the library lacks (`legacyClient.ts`). */
export type ComputeService = Uncapitalize<keyof typeof google.cloud.compute.v1> | 'httpHealthChecks';

/** What can be done to a resource besides insert and delete: the API's method name and its body. */
export interface Actions {
  readonly setLabels: { labels: Record<string, string>; labelFingerprint: string };
  readonly addInstances: { instances: { instance: string }[] };
  readonly removeInstances: { instances: { instance: string }[] };
  readonly setDeletionProtection: { deletionProtection: boolean };
  /** Power-cycles an instance; its startup script runs again. */
  readonly reset: Record<string, never>;
  /** Starts a stopped instance; its startup script runs again. */
  readonly start: Record<string, never>;
  /** Shuts an instance down; after about 90 s Google cuts its power. */
  readonly stop: Record<string, never>;
  /** Sets a managed group's target size. */
  readonly resize: { size: number };
  /** Removes exactly these instances from a managed group and deletes them; its target size shrinks accordingly. */
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

/** What the API layer knows about one kind of resource; a read-only kind has no more. */
export interface KindRow {
  readonly client: ComputeService;
  /** Name of the path parameter; with the suffix `Resource`, of the body parameter. */
  readonly one: string;
  readonly scope: 'global' | 'region' | 'zone';
  /** Service whose `aggregatedList` covers all zones and regions; absent for global kinds. */
  readonly aggregated?: ComputeService;
  /** Fields of a resource that an aggregated list requests; absent = all. */
  readonly fields?: string;
  /** Validates a response of Google and selects the fields to keep. */
  readonly schema: v.GenericSchema;
  readonly actions?: { readonly [A in keyof Actions]?: ActionRow };
}

/** Groups of resources in plans. */
export type ResourceGroup = 'Network' | 'Load balancer' | 'Disks' | 'Masters' | 'Nodes';

/** A kind that Trizone deletes, including those that only Kubernetes creates. */
export interface RemovableRow extends KindRow {
  /** The kind in prose, and in gcloud commands. */
  readonly noun: string;
  readonly gcloud: string;
  /** The group it is listed under in a plan. */
  readonly group: ResourceGroup;
  /** Whether it costs money while it exists. */
  readonly billed: boolean;
  /** Kinds whose resources block its deletion: a teardown deletes those first. */
  readonly goesAfter: readonly RemovableRow[];
}

/** A kind that Trizone creates. */
export interface OwnRow extends RemovableRow {
  /** Anchored pattern of the names of a cluster's resources of this kind: together with the marker it defines ownership. */
  readonly owns: (cluster: string) => RegExp;
  readonly body: BodyType<object>;
}

/** Carries the body type of an insert. */
export interface BodyType<B extends object> {
  /** Never set. */
  readonly is?: B;
}

/** Body of an insert, in the client library's own types: a misspelled field does not compile (the client would drop it). */
export const body = <B extends object>(): BodyType<B> => ({});

/** The action `patch` of a kind, given its path parameter. */
export const patch = (one: string): ActionRow => ({ name: one, body: `${one}Resource` });

/** The action `setLabels` of a kind. */
export const setLabels = (prefix: string): ActionRow => ({
  name: 'resource',
  body: `${prefix}SetLabelsRequestResource`,
});
