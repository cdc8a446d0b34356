import type { GuestHost } from '../guestRuntime.ts';
import type { ClusterData } from './clusterState.ts';
import { isDns } from './controllers/scheduler.ts';
import { podLife } from './podLife.ts';
import { fits, podSpec, serviceSpec, storedOf, objectKey, type StoredObject } from './storedObject.ts';

/** Result of a program; both streams combined, as in a log. */
export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** nginx's default page. */
export const welcomePage = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, nginx is successfully installed and working.
Further configuration is required for the web server, reliable messaging etc.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const commandOf = (stored: StoredObject): readonly string[] => {
  const [container] = podSpec(stored.object).containers;
  return [...(container?.command ?? []), ...(container?.args ?? [])];
};

const isNginx = (stored: StoredObject): boolean =>
  /(^|\/)nginx(:|@|$)/.test(podSpec(stored.object).containers[0]?.image ?? '');

/** Whether the container runs until it is terminated. Only busybox with a command that ends by itself is not a server. */
export const isServer = (stored: StoredObject): boolean => {
  const [image = ''] = podSpec(stored.object).containers.map((c) => c.image);
  if (!/(^|\/)(busybox|alpine)(:|@|$)/.test(image)) return true;
  return /^(sleep|tail|sh -c (sleep|tail|while true))\b/.test(commandOf(stored).join(' '));
};

/** Runs the container's own command. */
export const runContainer = (host: GuestHost, data: ClusterData, stored: StoredObject): Ran =>
  runProgram(host, data, stored.object.metadata.namespace ?? 'default', commandOf(stored));

/** Runs a command in a pod of a namespace: `wget`, `echo`, `true`, `false`, `nslookup`, and one of them in `sh -c`. */
export const runProgram = (
  host: GuestHost,
  data: ClusterData,
  namespace: string,
  [program = 'sh', ...args]: readonly string[],
): Ran => {
  if (program === 'sh' && args[0] === '-c') return inShell(host, data, namespace, args[1] ?? '');
  if (program === 'sh' || program === 'true' || program === 'sleep') return { code: 0, output: '' };
  if (program === 'false') return { code: 1, output: '' };
  if (program === 'echo') return { code: 0, output: `${args.join(' ')}\n` };
  if (program === 'wget') return wget(host, data, namespace, args);
  return { code: 127, output: `sh: ${program}: not found\n` };
};

// Only the fetch in a script is interpreted.
const inShell = (host: GuestHost, data: ClusterData, namespace: string, script: string): Ran => {
  const words = /\b(wget|echo)\b[^;&|]*/.exec(script)?.[0].trim().split(/\s+/) ?? ['true'];
  return runProgram(
    host,
    data,
    namespace,
    words.map((w) => w.replace(/^["']|["']$/g, '')),
  );
};

// Output and exit codes as in busybox.
const wget = (host: GuestHost, data: ClusterData, namespace: string, args: readonly string[]): Ran => {
  const target = /^(?:http:\/\/)?([^/:]+)(?::(\d+))?/.exec(args.findLast((a) => !a.startsWith('-')) ?? '');
  const [, name = '', port = '80'] = target ?? [];
  const answer = dial(host, data, namespace, name, Number(port));
  if (answer === 'nginx') return { code: 0, output: welcomePage };
  return { code: 1, output: `wget: ${answer}\n` };
};

const dial = (host: GuestHost, data: ClusterData, namespace: string, name: string, port: number): string => {
  const isIp = /^\d+(\.\d+){3}$/.test(name);
  if (!isIp && !dnsAnswers(host, data)) return `bad address '${name}'`;
  const service = isIp ? serviceAt(data, name) : serviceNamed(data, namespace, name);
  const pods = storedOf(data, 'pods').map(([, pod]) => pod);
  if (service === undefined && !isIp) return `bad address '${name}'`;
  const spec = service === undefined ? undefined : serviceSpec(service.object);
  if (spec !== undefined && !spec.ports.some((p) => p.port === port)) return `can't connect to remote host: No route`;
  const ready = pods.filter(
    (pod) =>
      pod.object.metadata.namespace === (service?.object.metadata.namespace ?? namespace) &&
      fits(spec?.selector, pod.object.metadata.labels) &&
      podLife(host, data, pod).ready &&
      pod.pod?.deleting === undefined,
  );
  if (ready.some(isNginx)) return 'nginx';
  return `can't connect to remote host (${spec?.clusterIP ?? name}): Connection refused`;
};

const dnsAnswers = (host: GuestHost, data: ClusterData): boolean =>
  storedOf(data, 'pods').some(([, pod]) => isDns(pod.object.metadata.labels) && podLife(host, data, pod).ready);

const serviceAt = (data: ClusterData, ip: string): StoredObject | undefined =>
  storedOf(data, 'services').find(([, s]) => serviceSpec(s.object).clusterIP === ip)?.[1];

// Applies the search list of a pod's resolver.
const serviceNamed = (data: ClusterData, namespace: string, name: string): StoredObject | undefined => {
  const [service = '', home = namespace, ...rest] = name.replace(/\.$/, '').split('.');
  const tail = rest.join('.');
  return ['', 'svc', 'svc.cluster.local'].includes(tail)
    ? data.objects[objectKey('services', home, service)]
    : undefined;
};
