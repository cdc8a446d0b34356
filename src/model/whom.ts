/** Whom a plan is for: the cluster of this uid, in this project of this cloud. Nobody else's may be touched by it. */
export interface Whom {
  /** `CloudReader.id`. */
  readonly cloud: string;
  readonly project: string;
  readonly uid: string;
}
