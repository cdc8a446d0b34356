/** Whom a plan is for: the cluster of this uid, in this project of this cloud. Nobody else's may be touched by it. */
export interface ClusterIdentity {
  /** `CloudReader.id`. */
  readonly cloud: string;
  readonly project: string;
  readonly uid: string;
}

/** How an emulator is named as a cloud; its id changes when it is reset. */
export const emulatorCloud = (id: string): string => `emulator:${id}`;

/** The name under which a cluster is held on this computer; runs of earlier versions do not say in which cloud. */
export const leaseName = (
  cluster: string,
  { cloud = '', project }: { readonly cloud?: string | undefined; readonly project: string },
): string => [cloud, project, cluster].join('_').replaceAll(/[^\w.-]/g, '-');
