import type { OperatorError } from '../lib/operatorError.ts';
import type { Actions } from './kind.ts';
import type { Bodies, Kind, OwnKind, Resources } from './kinds.ts';

/** Where a resource lives. Exactly one of zone and region is set, none for global kinds. */
export interface Ref<K extends Kind = Kind> {
  readonly kind: K;
  readonly name: string;
  readonly zone?: string;
  readonly region?: string;
}

declare const mayChange: unique symbol;

/**
 * What may be changed or deleted, once: a resource that was found to be ours at this moment, or gone. Only `own` gives one out; a
 * bare name is no target.
 */
export interface Owned<K extends Kind = Kind> extends Ref<K> {
  readonly [mayChange]: true;
  /** As it was read; undefined where it is gone. */
  readonly found: Resources[K] | undefined;
}

/** By what a resource is ours, asked of what was found; one that throws says why it is not. */
export type OwnershipRule<K extends Kind = Kind> = (found: Resources[K]) => boolean | Promise<boolean>;

/** Asked right before each attempt to change something, also before one that is repeated minutes later; ends it by its error. */
export type Before = () => Promise<void>;

/** What a resource that was found tells of itself. */
export interface Described {
  readonly name: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a mutation needs beside its body. */
export interface Call {
  /** UUID of the logical mutation: a repeat with the same id is recognised by Google and done once. */
  readonly requestId: string;
  /** Ends the wait for the operation, not the operation itself. */
  readonly signal?: AbortSignal | undefined;
  /** Told the operation's path as soon as Google has named it (journalled, so that a resume re-attaches). */
  readonly onOperation?: ((operation: string) => void) | undefined;
  readonly before?: Before | undefined;
}

/** One machine of a managed group, from listManagedInstances. */
export interface ManagedInstance {
  readonly name: string;
  /** RUNNING, STAGING …; absent while the machine does not exist yet. */
  readonly status: string | undefined;
  /** NONE, CREATING, DELETING … (GCE's `currentAction`). */
  readonly action: string;
  /** Why the last attempt to make it failed, stock-outs included. They stay until the group's next attempt, minutes later. */
  readonly errors: readonly OperatorError[];
}

/** What could be listed. */
export interface Survey<K extends Kind> {
  readonly items: readonly Resources[K][];
  /** Zones (for regional kinds: regions) of which nobody knows what is in them. */
  readonly unreachable: readonly string[];
}

/** Health of one backend of a backend service, as its health check sees it. */
export interface BackendHealth {
  /** Name of the machine. */
  readonly instance: string;
  /** HEALTHY, UNHEALTHY, …; anything but HEALTHY means "not ready". */
  readonly state: string;
}

/** Reading half of Compute Engine: a plan gets only this (invariant 1). Nothing here changes the world. */
export interface ComputeReader {
  /** One resource, or undefined where Google answers 404. */
  get<K extends Kind>(ref: Ref<K>): Promise<Resources[K] | undefined>;
  /**
   * All resources of the kind in the project (all zones and regions, all pages), by an aggregated list where there is one.
   * Machines come without their metadata: get() has it. Fails where a zone cannot be reached, of `region` only where one is named:
   * for whoever concludes that something is gone.
   */
  list<K extends Kind>(kind: K, region?: string): Promise<Resources[K][]>;
  /** The same for whoever can do with a part: what could be reached, and which zones could not. */
  survey<K extends Kind>(kind: K): Promise<Survey<K>>;
  /** The newest image of a public family. */
  imageOfFamily(project: string, family: string): Promise<Resources['images']>;
  /** Names of the machines in an unmanaged or managed group. */
  groupMembers(ref: Ref<'instanceGroups'>): Promise<string[]>;
  managedInstances(ref: Ref<'instanceGroupManagers'>): Promise<ManagedInstance[]>;
  /** Health of the members of one group as a backend of the service. */
  backendHealth(ref: Ref<'backendServices'>, group: Ref<'instanceGroups'>): Promise<BackendHealth[]>;
  /** Serial port 1 from byte `start` on; `next` is where to go on. */
  serialOutput(ref: Ref<'instances'>, start: number): Promise<{ text: string; next: number }>;
  /** Guest attributes of namespace `trizone` (key → value); empty where there are none yet. */
  guestAttributes(ref: Ref<'instances'>): Promise<ReadonlyMap<string, string>>;
  /** Milliseconds since the epoch by Google's own clock (`Date` header of its last answer), corrected for the time since. */
  serverNow(): Promise<number>;
}

/** Writing half. Every mutation waits for its operation and fails when the operation fails. */
export interface ComputeWriter extends ComputeReader {
  insert<K extends OwnKind>(ref: Ref<K>, body: Bodies[K], call: Call): Promise<void>;
  /**
   * Reads a resource, and gives it out as a target where it may be changed. The gate (`operate/gate.ts`) says that by marker and
   * name, or by the rule where there is no marker of ours (what Kubernetes made); in front of the gate there is only the rule.
   */
  own<K extends Kind>(ref: Ref<K>, rule?: OwnershipRule<K>): Promise<Owned<K>>;
  /** Deletes; that the resource is already gone (404) counts as done. */
  remove(target: Owned, call: Call): Promise<void>;
  act<A extends keyof Actions>(target: Owned, action: A, body: Actions[A], call: Call): Promise<void>;
  /** Waits for an operation of an earlier mutation by its path; one that Google has forgotten (after two weeks) counts as over. */
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
  /** A condition that somebody else made: given back untouched, or a read-modify-write would widen what they granted. */
  readonly condition?: Readonly<Record<string, unknown>> | undefined;
}

/** Bindings of an IAM policy, with the etag that makes a change compare-and-set. */
export interface Policy {
  readonly etag: string;
  readonly bindings: readonly Binding[];
}

/** Reading half of the services beside Compute Engine. */
export interface ServicesReader {
  secret(name: string): Promise<Secret | undefined>;
  secrets(): Promise<Secret[]>;
  /** Payload of the latest enabled version as text, or undefined while there is none. Never log it. */
  secretPayload(name: string): Promise<string | undefined>;
  secretPolicy(name: string): Promise<Policy>;
  /** A service account by its id (the part before the @). */
  serviceAccount(id: string): Promise<{ email: string; description: string } | undefined>;
  serviceAccounts(): Promise<{ email: string; description: string }[]>;
  projectPolicy(): Promise<Policy>;
  /** Those of the asked permissions that the caller has on the project. */
  permissions(wanted: readonly string[]): Promise<string[]>;
  /** Those of the asked APIs (`compute.googleapis.com` …) that are enabled. */
  enabledServices(wanted: readonly string[]): Promise<string[]>;
}

/** Writing half. Secrets and policies have no operations: the answer is the effect. */
export interface ServicesWriter extends ServicesReader {
  createSecret(name: string, labels: Record<string, string>, before?: Before): Promise<void>;
  removeSecret(name: string, before?: Before): Promise<void>;
  setSecretPolicy(name: string, policy: Policy, before?: Before): Promise<void>;
  createServiceAccount(id: string, displayName: string, description: string, before?: Before): Promise<void>;
  removeServiceAccount(id: string, before?: Before): Promise<void>;
  /** Fails with `conflict` when the policy changed since it was read. */
  setProjectPolicy(policy: Policy, before?: Before): Promise<void>;
}

/** The cloud as a plan sees it. */
export interface CloudReader {
  /** Where requests go, in words for the plan's first line: "Google Cloud, project p" or "emulator at …, project demo". */
  readonly label: string;
  /** Which cloud it is, the same for every program that works on it: `google`, or `emulator:ID` until the emulator is reset. */
  readonly id: string;
  readonly project: string;
  readonly compute: ComputeReader;
  readonly services: ServicesReader;
}

/** The cloud as a step that performs sees it. */
export interface CloudWriter extends CloudReader {
  readonly compute: ComputeWriter;
  readonly services: ServicesWriter;
}
