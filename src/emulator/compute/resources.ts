/** Common fields of every stored Compute Engine resource. Other fields are kept as the client sent them. */
export interface Resource {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly selfLink: string;
  readonly creationTimestamp?: string;
  readonly description?: string;
  readonly zone?: string;
  readonly region?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly labelFingerprint?: string;
  readonly fingerprint?: string;
}

/** A VPC network. */
export interface Network extends Resource {
  readonly autoCreateSubnetworks?: boolean;
  readonly routingConfig?: { readonly routingMode?: string };
}

/** A subnetwork with its secondary ranges. */
export interface Subnetwork extends Resource {
  readonly network: string;
  readonly ipCidrRange: string;
  readonly gatewayAddress: string;
  readonly secondaryIpRanges?: readonly { readonly rangeName: string; readonly ipCidrRange: string }[];
}

/** A firewall rule. */
export interface Firewall extends Resource {
  readonly network: string;
  readonly direction: string;
  readonly priority: number;
  readonly disabled: boolean;
  readonly sourceRanges?: readonly string[];
  readonly sourceTags?: readonly string[];
  readonly targetTags?: readonly string[];
  readonly allowed?: readonly FirewallPorts[];
  readonly denied?: readonly FirewallPorts[];
}

/** One protocol with its ports (none = all). */
export interface FirewallPorts {
  readonly IPProtocol: string;
  readonly ports?: readonly string[];
}

/** A static address. */
export interface Address extends Resource {
  readonly address: string;
  readonly addressType: string;
  readonly purpose?: string;
  readonly subnetwork?: string;
  readonly network?: string;
}

/** A persistent disk. */
export interface Disk extends Resource {
  readonly sizeGb: string;
  readonly type: string;
  readonly status: string;
  readonly sourceImage?: string;
}

/** One disk attached to an instance. */
export interface AttachedDisk {
  readonly source: string;
  readonly deviceName: string;
  readonly boot: boolean;
  readonly autoDelete: boolean;
  readonly index: number;
  readonly diskSizeGb: string;
}

/** One network interface of an instance. */
export interface NetworkInterface {
  readonly name: string;
  readonly network: string;
  readonly subnetwork: string;
  readonly networkIP: string;
  readonly accessConfigs?: readonly { readonly type?: string; readonly name?: string; readonly natIP?: string }[];
  readonly aliasIpRanges?: readonly { readonly ipCidrRange: string; readonly subnetworkRangeName?: string }[];
}

/** Metadata of an instance or template. */
export interface Metadata {
  readonly fingerprint?: string;
  readonly items?: readonly { readonly key: string; readonly value?: string }[];
}

/** A virtual machine instance. */
export interface Instance extends Resource {
  readonly status: string;
  readonly machineType: string;
  readonly disks: readonly AttachedDisk[];
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly metadata: Metadata;
  readonly tags: { readonly items?: readonly string[]; readonly fingerprint: string };
  readonly serviceAccounts?: readonly { readonly email: string; readonly scopes?: readonly string[] }[];
  readonly deletionProtection: boolean;
  readonly scheduling?: Readonly<Record<string, unknown>>;
  readonly lastStartTimestamp?: string;
}

/** An instance template. */
export interface InstanceTemplate extends Resource {
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An unmanaged group, or the instance group of a managed one. */
export interface InstanceGroup extends Resource {
  readonly network?: string;
  readonly subnetwork?: string;
}

/** A zonal managed group. */
export interface InstanceGroupManager extends Resource {
  readonly baseInstanceName: string;
  readonly instanceTemplate: string;
  readonly targetSize: number;
  readonly instanceGroup: string;
  readonly versions?: readonly { readonly instanceTemplate?: string; readonly name?: string }[];
}

/** A health check; `type` selects the protocol. */
export interface HealthCheck extends Resource {
  readonly type: string;
  readonly checkIntervalSec: number;
  readonly timeoutSec: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly httpsHealthCheck?: { readonly port?: number; readonly requestPath?: string };
  readonly httpHealthCheck?: { readonly port?: number; readonly requestPath?: string };
  readonly tcpHealthCheck?: { readonly port?: number };
}

/** A regional backend service. */
export interface BackendService extends Resource {
  readonly loadBalancingScheme: string;
  readonly protocol: string;
  readonly healthChecks?: readonly string[];
  readonly network?: string;
  readonly backends?: readonly { readonly group: string; readonly balancingMode?: string }[];
  readonly connectionDraining?: { readonly drainingTimeoutSec?: number };
  readonly connectionTrackingPolicy?: { readonly connectionPersistenceOnUnhealthyBackends?: string };
}

/** A regional target pool: the backend of a legacy external load balancer. */
export interface TargetPool extends Resource {
  readonly instances: readonly string[];
  readonly healthChecks: readonly string[];
  readonly sessionAffinity: string;
}

/** A regional forwarding rule. */
export interface ForwardingRule extends Resource {
  readonly IPAddress: string;
  readonly IPProtocol: string;
  readonly loadBalancingScheme: string;
  readonly backendService?: string;
  /** A target pool, instead of a backend service. */
  readonly target?: string;
  readonly ports?: readonly string[];
  readonly portRange?: string;
  readonly allPorts?: boolean;
  readonly network?: string;
  readonly subnetwork?: string;
  readonly allowGlobalAccess?: boolean;
}

/** An operation, done or not. */
export interface StoredOperation {
  readonly kind: 'compute#operation';
  readonly id: string;
  readonly name: string;
  readonly operationType: string;
  readonly targetLink: string;
  readonly targetId: string;
  readonly status: 'PENDING' | 'RUNNING' | 'DONE';
  readonly progress: number;
  readonly insertTime: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly user: string;
  readonly selfLink: string;
  readonly zone?: string;
  readonly region?: string;
  readonly clientOperationId?: string;
  readonly error?: { readonly errors: readonly OperationProblem[] };
  readonly httpErrorStatusCode?: number;
  readonly httpErrorMessage?: string;
}

/** One error of a failed operation. */
export interface OperationProblem {
  readonly code: string;
  readonly message: string;
  readonly errorDetails?: readonly unknown[];
}
