import type { OperatorError } from '../lib/operatorError.ts';
import type { Actions } from './kind.ts';
import type { Bodies, Kind, OwnKind, Resources } from './kinds.ts';

/** Where a resource lives. Zonal and regional kinds set the zone or the region, global kinds neither. */
export interface Ref<K extends Kind = Kind> {
  readonly kind: K;
  readonly name: string;
  readonly zone?: string;
  readonly region?: string;
}

declare const mayChange: unique symbol;

/**
 * A target that can be changed or deleted, once: a resource just found to be ours, or gone. Only `own` returns one; a
 * bare name is not a target.
 */
export interface Owned<K extends Kind = Kind> extends Ref<K> {
  readonly [mayChange]: true;
  /** As it was read; undefined if it is gone. */
  readonly found: Resources[K] | undefined;
}

/** Decides whether a found resource is ours; may throw with the reason why it is not. */
export type OwnershipRule<K extends Kind = Kind> = (found: Resources[K]) => boolean | Promise<boolean>;

/** Called right before each attempt to change something, including retries minutes later; throwing ends the attempts. */
export type Before = () => Promise<void>;

/** The fields of a found resource that identify it. */
export interface Described {
  readonly name: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a mutation needs besides its body. */
export interface Call {
  /** UUID of the logical mutation: Google recognizes a repeat with the same ID and executes it only once. */
  readonly requestId: string;
  /** Ends the wait for the operation, not the operation itself. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the operation's path once Google has returned it (journaled, so that a resume reattaches). */
  readonly onOperation?: ((operation: string) => void) | undefined;
  readonly before?: Before | undefined;
}

/** One instance of a managed group, from listManagedInstances. */
export interface ManagedInstance {
  readonly name: string;
  /** RUNNING, STAGING …; absent while the instance does not exist yet. */
  readonly status: string | undefined;
  /** NONE, CREATING, DELETING … (GCE's `currentAction`). */
  readonly action: string;
  /**
   * Why the last attempt to create it failed, including stock-outs. They remain until the group's next attempt, minutes
   * later.
   */
  readonly errors: readonly OperatorError[];
}

/** The resources that could be listed. */
export interface Survey<K extends Kind> {
  readonly items: readonly Resources[K][];
  /** Zones (for regional kinds: regions) whose contents are unknown. */
  readonly unreachable: readonly string[];
}

/** Health of one backend of a backend service, as reported by its health check. */
export interface BackendHealth {
  /** Name of the instance. */
  readonly instance: string;
  /** HEALTHY, UNHEALTHY, …; anything but HEALTHY means "not ready". */
  readonly state: string;
}

/** Reading half of Compute Engine: plans get only this (invariant 1). Nothing here changes the world. */
export interface ComputeReader {
  /** One resource; undefined if Google returns 404. */
  get<K extends Kind>(ref: Ref<K>): Promise<Resources[K] | undefined>;
  /**
   * All resources of the kind in the project (all zones and regions, all pages), by an aggregated list where available.
   * Instances come without metadata: get() has it. Fails if a zone is unreachable (with `region`: a zone in it), so
   * that absence can be concluded from the list.
   */
  list<K extends Kind>(kind: K, region?: string): Promise<Resources[K][]>;
  /** The same for callers that can use a partial list: what is reachable, and which zones are not. */
  survey<K extends Kind>(kind: K): Promise<Survey<K>>;
  /** The latest image of a public family. */
  imageOfFamily(project: string, family: string): Promise<Resources['images']>;
  /** Names of the instances in an unmanaged or managed group. */
  groupMembers(ref: Ref<'instanceGroups'>): Promise<string[]>;
  managedInstances(ref: Ref<'instanceGroupManagers'>): Promise<ManagedInstance[]>;
  /** Health of one group's members as a backend of the service. */
  backendHealth(ref: Ref<'backendServices'>, group: Ref<'instanceGroups'>): Promise<BackendHealth[]>;
  /** Serial port 1 from byte `start`; `next` is where to continue. */
  serialOutput(ref: Ref<'instances'>, start: number): Promise<{ text: string; next: number }>;
  /** Guest attributes of namespace `trizone` (key → value); empty if there are none yet. */
  guestAttributes(ref: Ref<'instances'>): Promise<ReadonlyMap<string, string>>;
  /** Milliseconds since the epoch by Google's clock (`Date` header of its last response), plus the time elapsed since. */
  serverNow(): Promise<number>;
}

/** Writing half. Every mutation waits for its operation and fails if the operation fails. */
export interface ComputeWriter extends ComputeReader {
  insert<K extends OwnKind>(ref: Ref<K>, body: Bodies[K], call: Call): Promise<void>;
  /**
   * Reads a resource and returns it as a target if it may be changed. The gate (`operate/gate.ts`) decides by marker
   * and name, or by the rule if there is no marker of ours (what Kubernetes created); without the gate, only the rule
   * decides.
   */
  own<K extends Kind>(ref: Ref<K>, rule?: OwnershipRule<K>): Promise<Owned<K>>;
  /** Deletes a resource; an already deleted one (404) counts as success. */
  remove(target: Owned, call: Call): Promise<void>;
  act<A extends keyof Actions>(target: Owned, action: A, body: Actions[A], call: Call): Promise<void>;
  /**
   * Waits for an operation of an earlier mutation by its path; one that Google no longer knows (after two weeks) counts
   * as finished.
   */
  waitAgain(operation: string, signal: AbortSignal): Promise<void>;
}

/** A secret of Secret Manager without its payload. */
export interface Secret {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One line of an IAM policy. */
export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  /** A condition set by others: sent back unchanged, or a read-modify-write would widen their grant. */
  readonly condition?: Readonly<Record<string, unknown>> | undefined;
}

/** Bindings of an IAM policy, with the etag for compare-and-set. */
export interface Policy {
  readonly etag: string;
  readonly bindings: readonly Binding[];
}

/** Reading half of the services other than Compute Engine. */
export interface ServicesReader {
  secret(name: string): Promise<Secret | undefined>;
  secrets(): Promise<Secret[]>;
  /** Payload of the latest enabled version as text; undefined if there is none. Never log it. */
  secretPayload(name: string): Promise<string | undefined>;
  secretPolicy(name: string): Promise<Policy>;
  /** A service account by its ID (the part before the @). */
  serviceAccount(id: string): Promise<{ email: string; description: string } | undefined>;
  serviceAccounts(): Promise<{ email: string; description: string }[]>;
  projectPolicy(): Promise<Policy>;
  /** The subset of permissions that the caller has on the project. */
  permissions(wanted: readonly string[]): Promise<string[]>;
  /** The subset of APIs (`compute.googleapis.com` …) that are enabled. */
  enabledServices(wanted: readonly string[]): Promise<string[]>;
}

/** Writing half. Secrets and policies have no operations: the change is complete when the response arrives. */
export interface ServicesWriter extends ServicesReader {
  createSecret(name: string, labels: Record<string, string>, before?: Before): Promise<void>;
  removeSecret(name: string, before?: Before): Promise<void>;
  setSecretPolicy(name: string, policy: Policy, before?: Before): Promise<void>;
  createServiceAccount(id: string, displayName: string, description: string, before?: Before): Promise<void>;
  removeServiceAccount(id: string, before?: Before): Promise<void>;
  /** Fails with `conflict` if the policy has changed since it was read. */
  setProjectPolicy(policy: Policy, before?: Before): Promise<void>;
}

/** The cloud, as plans see it. */
export interface CloudReader {
  /** Where requests go, for the plan's first line: "Google Cloud, project p" or "emulator at …, project demo". */
  readonly label: string;
  /** Identifies the cloud for every program that uses it: `google`, or `emulator:ID` until the emulator is reset. */
  readonly id: string;
  readonly project: string;
  readonly compute: ComputeReader;
  readonly services: ServicesReader;
}

/** The cloud, as performing steps see it. */
export interface CloudWriter extends CloudReader {
  readonly compute: ComputeWriter;
  readonly services: ServicesWriter;
}
