import { OperatorError } from '../lib/operatorError.ts';
import type { Manifest } from './kubernetes.ts';

const plurals: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Lease: 'leases',
  Namespace: 'namespaces',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Pod: 'pods',
  Service: 'services',
};

/** Path of an object (Kubernetes API concepts, "Resource URIs"). */
export const manifestPath = ({ apiVersion, kind, metadata }: Manifest): string => {
  const plural = plurals[kind];
  if (plural === undefined) throw new OperatorError('internal', `Cannot apply this kind: ${kind}`);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const home = metadata.namespace === undefined ? '' : `/namespaces/${encodeURIComponent(metadata.namespace)}`;
  return `${root}${home}/${plural}/${encodeURIComponent(metadata.name)}`;
};
