// The only importer of the Kubernetes client library's code: loaded on first use, in `dist` as the bundle kube.js. It holds nothing
// of ours: a class of ours in two bundles would be two classes. Two of its files, not its main one: that has a class for each kind.
export { KubeConfig } from '@kubernetes/client-node/dist/config.js';
export { Exec } from '@kubernetes/client-node/dist/exec.js';
