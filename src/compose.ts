import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { connectCloud } from './gce/connect.ts';
import { findProject } from './gce/project.ts';
import type { CloudWriter } from './gce/cloud.ts';
import { setProxy } from './kube/kubeconfig.ts';
import type { ConnectKubernetes, KubernetesWriter } from './kube/kubernetes.ts';
import { fileJournals } from './engine/journal.ts';
import type { Journals } from './engine/journalRecords.ts';
import { holderId } from './engine/holder.ts';
import { scaledClock, wallClock, type Clock } from './lib/clock.ts';
import { fileProblem } from './lib/folder.ts';
import { systemIds, type Ids } from './lib/ids.ts';
import { invalid, OperatorError } from './lib/operatorError.ts';
import { command, toRun } from './lib/remedy.ts';
import { checkStateFolder, stateFolder } from './lib/stateFolder.ts';
import { checkProject } from './model/cluster.ts';
import { emulatorCloud } from './model/clusterIdentity.ts';
import type { Reads } from './steps/world.ts';
import type { Operator } from './operate/operator.ts';

/** What selects the cloud. It is never guessed: an endpoint means the emulator, otherwise Google. */
export interface Choice {
  readonly endpoint?: string | undefined;
  readonly project?: string | undefined;
  /** Restricts cluster names to this region. */
  readonly region?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Called when a request is about to be retried. */
  readonly onRetry?: (text: string) => void;
}

/** Everything that a verb needs; close it afterward. */
export interface Session extends Operator {
  /** The kubeconfig for use on this computer (through the emulator's proxy, if that is the cloud), or undefined. */
  readonly kubeconfig: (adminSecret: string) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

/** The only composition root: selects Google or the emulator, builds the services, and returns them. */
export const openSession = async (choice: Choice): Promise<Session> => {
  const folder = stateFolder(choice.env);
  checkStateFolder(folder);
  const endpoint = choice.endpoint ?? (choice.env.TRIZONE_ENDPOINT || undefined);
  const target = endpoint === undefined ? googleTarget(choice) : await emulatorTarget(endpoint, choice, folder);
  const clock = target.timeScale === 1 ? wallClock : scaledClock(target.timeScale);
  const cloud = await connectCloud({
    ...target,
    clock,
    ids: systemIds,
    onRetry: (n) => choice.onRetry?.(`${n.error.message}; retrying in ${Math.round(n.delayMs / 1000)} s`),
  });
  return makeSession({
    cloud,
    clock,
    wall: wallClock,
    ids: systemIds,
    folder,
    journals: fileJournals(folder),
    timeScale: target.timeScale,
    proxy: target.proxy,
    connect: lazyConnect(wallClock),
    ...(choice.region !== undefined && { only: { region: choice.region } }),
  });
};

// The Kubernetes client is heavy: loaded on the first request to a cluster.
const lazyConnect =
  (clock: Clock): ConnectKubernetes =>
  async (text) => {
    const { connectKubernetes } = await import('./kube/client.ts');
    return connectKubernetes(text, clock);
  };

/** Parts of a session; tests inject an in-process emulator and virtual time here. */
export interface SessionParts {
  readonly cloud: CloudWriter;
  readonly clock: Clock;
  readonly wall: Clock;
  readonly ids: Ids;
  readonly folder: string;
  readonly journals: Journals;
  readonly timeScale: number;
  /** Proxy for reaching API servers; undefined on Google. */
  readonly proxy: string | undefined;
  readonly connect: ConnectKubernetes;
  readonly only?: Reads['only'];
}

/** Builds a session from its parts. */
export const makeSession = (parts: SessionParts): Session => {
  const open = new Map<string, Promise<KubernetesWriter>>();
  const proxied = (text: string): string => (parts.proxy === undefined ? text : setProxy(text, parts.proxy));
  const kubeconfig = async (adminSecret: string): Promise<string | undefined> => {
    const text = await parts.cloud.services.secretPayload(adminSecret);
    return text === undefined ? undefined : proxied(text);
  };
  const kubernetes = async (adminSecret: string): Promise<KubernetesWriter | undefined> => {
    const text = await parts.cloud.services.secretPayload(adminSecret);
    if (text === undefined) return undefined;
    const connection = open.get(text) ?? parts.connect(proxied(text));
    open.set(text, connection);
    return connection;
  };
  return {
    world: {
      cloud: parts.cloud,
      kubernetes,
      wall: parts.wall,
      holder: holderId(parts.folder, parts.ids),
      only: parts.only,
    },
    clock: parts.clock,
    wall: parts.wall,
    ids: parts.ids,
    folder: parts.folder,
    journals: parts.journals,
    timeScale: parts.timeScale,
    kubeconfig,
    close: async () => {
      for (const k of await Promise.allSettled(open.values())) if (k.status === 'fulfilled') await k.value.close();
    },
  };
};

interface Target {
  readonly id: string;
  readonly project: string;
  readonly endpoint?: string;
  readonly token?: string;
  readonly timeScale: number;
  readonly proxy: string | undefined;
}

const infoSchema = v.object({ id: v.string(), project: v.string(), timeScale: v.number() });

// Checked before anything is sent: the token must not leave this computer.
const checkLoopback = (endpoint: string): void => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const bare = url?.pathname === '/' && url.search === '' && url.username === '';
  if (url?.protocol === 'http:' && bare && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)) return;
  throw invalid(
    `The emulator endpoint must be a loopback address (http://127.0.0.1:PORT): ${endpoint}`,
    'See: trizone emulator. Without --endpoint and TRIZONE_ENDPOINT, commands use Google Cloud.',
  );
};

const emulatorTarget = async (endpoint: string, choice: Choice, folder: string): Promise<Target> => {
  checkLoopback(endpoint);
  const file = choice.env.CLOUDSDK_AUTH_ACCESS_TOKEN_FILE ?? join(folder, 'token');
  const token = readToken(file);
  const info = await askInfo(endpoint, token, file);
  if (choice.project !== undefined && choice.project !== info.project) {
    checkProject(choice.project);
    throw invalid(
      `The emulator has only project ${info.project}, but ${choice.project} was requested`,
      'Omit --project.',
    );
  }
  const url = new URL(endpoint);
  return {
    id: emulatorCloud(info.id),
    endpoint,
    token,
    project: checkProject(info.project),
    timeScale: info.timeScale,
    proxy: `${url.protocol}//trizone:${encodeURIComponent(token)}@${url.host}`,
  };
};

const readToken = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new OperatorError('emulator', `Cannot read the emulator token: ${file}, ${fileProblem(cause)}`, {
      cause,
      remedy: [
        toRun('Start it', command`trizone emulator`),
        toRun('then load its environment', command`. <state>/env.sh`),
      ],
    });
  }
};

const askInfo = async (endpoint: string, token: string, file: string): Promise<v.InferOutput<typeof infoSchema>> => {
  const unreachable = (cause: unknown): OperatorError =>
    new OperatorError('emulator', `The emulator is not responding: ${endpoint}`, {
      cause,
      remedy: 'Start it with `trizone emulator`, or unset TRIZONE_ENDPOINT to use Google Cloud.',
    });
  let response: Response;
  try {
    response = await fetch(new URL('/emulator/info', endpoint), { headers: { authorization: `Bearer ${token}` } });
  } catch (error) {
    throw unreachable(error);
  }
  if (response.status === 401) {
    throw new OperatorError('emulator', `The emulator rejected the token from ${file}: ${endpoint}`, {
      remedy: toRun(
        'The token belongs to another emulator. Load the environment of this one',
        command`. <state>/env.sh`,
      ),
    });
  }
  if (!response.ok) throw unreachable(new Error(`HTTP ${response.status}`));
  const parsed = v.safeParse(infoSchema, await response.json());
  if (!parsed.success) throw unreachable(parsed.issues);
  return parsed.output;
};

const howToGetEither = [
  toRun('To use Google Cloud', command`gcloud auth application-default login`),
  toRun('', command`gcloud config set project PROJECT`),
  toRun('To use the emulator without an account', command`trizone emulator`),
  toRun('then', command`. <state>/env.sh`),
];

const googleTarget = (choice: Choice): Target => {
  const project = choice.project ?? findProject(choice.env);
  const missing = [
    ...(project === undefined ? ['a project'] : []),
    ...(hasCredentials(choice.env) ? [] : ['Google credentials']),
  ];
  if (missing.length > 0 || project === undefined) {
    throw new OperatorError(
      'no-cloud',
      `No cloud configured: found neither an emulator endpoint nor ${missing.join(' and ')}`,
      { remedy: howToGetEither },
    );
  }
  return { id: 'google', project: checkProject(project), timeScale: 1, proxy: undefined };
};

// Where google-auth-library will look, checked without a network call; the instance's own service account counts only
// on Compute Engine.
const hasCredentials = (env: NodeJS.ProcessEnv): boolean => {
  const folder = env.CLOUDSDK_CONFIG ?? join(env.HOME ?? homedir(), '.config', 'gcloud');
  const file = env.GOOGLE_APPLICATION_CREDENTIALS ?? join(folder, 'application_default_credentials.json');
  return existsSync(file) || onComputeEngine();
};

const onComputeEngine = (): boolean => {
  const file = '/sys/class/dmi/id/product_name';
  return existsSync(file) && readFileSync(file, 'utf8').includes('Google Compute Engine');
};
