// The only importer of the Kubernetes client library's code: loaded on first use, in `dist` as the bundle kube.js. It holds nothing
// of ours: a class of ours in two bundles would be two classes.
export { Exec, KubeConfig } from '@kubernetes/client-node';
