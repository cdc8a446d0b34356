/** The cluster that a plan is for: this uid, in this project of this cloud. The plan must not touch any other. */
export interface ClusterIdentity {
  /** `CloudReader.id`. */
  readonly cloud: string;
  readonly project: string;
  readonly uid: string;
}

/** The cloud ID of an emulator; its `id` changes when the emulator is reset. */
export const emulatorCloud = (id: string): string => `emulator:${id}`;

/** Name of a cluster's local lease; journals of earlier versions do not record the cloud. */
export const leaseName = (
  cluster: string,
  { cloud = '', project }: { readonly cloud?: string | undefined; readonly project: string },
): string => [cloud, project, cluster].join('_').replaceAll(/[^\w.-]/g, '-');
