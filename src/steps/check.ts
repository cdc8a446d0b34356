/** One typed finding of a validation: what was looked at, whether it is as it should be, and the evidence. */
export interface Check {
  readonly id: CheckId;
  readonly ok: boolean;
  readonly evidence: string;
  /** Time alone does not mend it: what somebody has to do. */
  readonly lasts?: string;
}

/** What is checked; kops' `validate cluster` is the model for typed findings. */
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

/** A finding of what is wrong, or of what is fine where nothing is. */
export const check = (id: CheckId, wrong: readonly string[], fine: string): Check => ({
  id,
  ok: wrong.length === 0,
  evidence: wrong.length === 0 ? fine : wrong.join('; '),
});
