/** One typed finding of a validation: what was checked, the verdict, and the evidence. */
export interface Check {
  readonly id: CheckId;
  readonly ok: boolean;
  readonly evidence: string;
  /** Remedy for a problem that does not resolve by itself. */
  readonly lasts?: string;
}

/** The checks; typed findings are modeled on kops' `validate cluster`. */
export type CheckId =
  | 'machines-running'
  | 'pools-stable'
  | 'backends-healthy'
  | 'firewalls-in-place'
  | 'api-ready'
  | 'nodes-ready'
  | 'nodes-match-machines'
  | 'nodes-initialized'
  | 'etcd-members'
  | 'etcd-health'
  | 'api-servers'
  | 'control-plane-leases'
  | 'dns-spread'
  | 'versions-skew'
  | 'certificates'
  | 'join-secret';

/** A failed check with its problems, or a passed one if there are none. */
export const check = (id: CheckId, wrong: readonly string[], fine: string): Check => ({
  id,
  ok: wrong.length === 0,
  evidence: wrong.length === 0 ? fine : wrong.join('; '),
});
