// The only importer of the client library's code: heavy, so it is loaded on first use, in `dist` as the bundle gce.js.
// Its files are imported one by one: the package's main file costs a second and 200 MB. Nothing of ours is in here: a class of
// ours in two bundles would be two classes.
import { AddressesClient } from '@google-cloud/compute/build/src/v1/addresses_client.js';
import { BackendServicesClient } from '@google-cloud/compute/build/src/v1/backend_services_client.js';
import { DisksClient } from '@google-cloud/compute/build/src/v1/disks_client.js';
import { FirewallsClient } from '@google-cloud/compute/build/src/v1/firewalls_client.js';
import { ForwardingRulesClient } from '@google-cloud/compute/build/src/v1/forwarding_rules_client.js';
import { GlobalOperationsClient } from '@google-cloud/compute/build/src/v1/global_operations_client.js';
import { HealthChecksClient } from '@google-cloud/compute/build/src/v1/health_checks_client.js';
import { ImagesClient } from '@google-cloud/compute/build/src/v1/images_client.js';
import { InstanceGroupManagersClient } from '@google-cloud/compute/build/src/v1/instance_group_managers_client.js';
import { InstanceGroupsClient } from '@google-cloud/compute/build/src/v1/instance_groups_client.js';
import { InstanceTemplatesClient } from '@google-cloud/compute/build/src/v1/instance_templates_client.js';
import { InstancesClient } from '@google-cloud/compute/build/src/v1/instances_client.js';
import { MachineTypesClient } from '@google-cloud/compute/build/src/v1/machine_types_client.js';
import { NetworksClient } from '@google-cloud/compute/build/src/v1/networks_client.js';
import { ProjectsClient } from '@google-cloud/compute/build/src/v1/projects_client.js';
import { RegionBackendServicesClient } from '@google-cloud/compute/build/src/v1/region_backend_services_client.js';
import { RegionHealthChecksClient } from '@google-cloud/compute/build/src/v1/region_health_checks_client.js';
import { RegionOperationsClient } from '@google-cloud/compute/build/src/v1/region_operations_client.js';
import { RegionsClient } from '@google-cloud/compute/build/src/v1/regions_client.js';
import { RoutesClient } from '@google-cloud/compute/build/src/v1/routes_client.js';
import { SubnetworksClient } from '@google-cloud/compute/build/src/v1/subnetworks_client.js';
import { TargetPoolsClient } from '@google-cloud/compute/build/src/v1/target_pools_client.js';
import { ZoneOperationsClient } from '@google-cloud/compute/build/src/v1/zone_operations_client.js';
import { ZonesClient } from '@google-cloud/compute/build/src/v1/zones_client.js';

export { GoogleAuth } from 'google-auth-library';

/** The client classes by the name of their service. */
export const clientClasses = {
  addresses: AddressesClient,
  backendServices: BackendServicesClient,
  disks: DisksClient,
  firewalls: FirewallsClient,
  forwardingRules: ForwardingRulesClient,
  globalOperations: GlobalOperationsClient,
  healthChecks: HealthChecksClient,
  images: ImagesClient,
  instanceGroupManagers: InstanceGroupManagersClient,
  instanceGroups: InstanceGroupsClient,
  instanceTemplates: InstanceTemplatesClient,
  instances: InstancesClient,
  machineTypes: MachineTypesClient,
  networks: NetworksClient,
  projects: ProjectsClient,
  regionBackendServices: RegionBackendServicesClient,
  regionHealthChecks: RegionHealthChecksClient,
  regionOperations: RegionOperationsClient,
  regions: RegionsClient,
  routes: RoutesClient,
  subnetworks: SubnetworksClient,
  targetPools: TargetPoolsClient,
  zoneOperations: ZoneOperationsClient,
  zones: ZonesClient,
} as const;

/** Name of a service of Compute Engine that the library has a client class for. */
export type LibraryClient = keyof typeof clientClasses;
