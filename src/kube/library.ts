// The only importer of the Kubernetes client library's code: loaded on first use, in `dist` as the bundle kube.js. It
// must not contain our own code: a class in two bundles would be two classes. It imports two files instead of the
// library's main one, which has a class for every kind.
export { KubeConfig } from '@kubernetes/client-node/dist/config.js';
export { Exec } from '@kubernetes/client-node/dist/exec.js';
