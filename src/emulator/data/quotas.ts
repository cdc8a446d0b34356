/** Limit of each quota metric. A missing metric is unlimited. */
export type QuotaLimits = Readonly<Record<string, number>>;

/** Per-region limits of an emulated project: those of a mature project, so that 500 nodes fit. */
export const regionLimits: QuotaLimits = {
  CPUS: 4800,
  INSTANCES: 6000,
  DISKS_TOTAL_GB: 204800,
  SSD_TOTAL_GB: 81920,
  STATIC_ADDRESSES: 700,
  IN_USE_ADDRESSES: 2300,
  INSTANCE_GROUPS: 3000,
  INSTANCE_GROUP_MANAGERS: 2000,
};

/** Limits per project. */
export const projectLimits: QuotaLimits = {
  NETWORKS: 50,
  SUBNETWORKS: 1000,
  FIREWALLS: 1000,
  ROUTES: 1000,
  FORWARDING_RULES: 750,
  HEALTH_CHECKS: 750,
  BACKEND_SERVICES: 250,
  INSTANCE_TEMPLATES: 1000,
};
