import { once } from 'node:events';
import { request, type RequestOptions } from 'node:https';
import { Writable } from 'node:stream';
import type { Exec, KubeConfig } from '@kubernetes/client-node';
import * as v from 'valibot';
import { wallClock, type Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { asOperatorError, OperatorError } from '../lib/operatorError.ts';

/** One answer of the API server. */
export interface KubeAnswer {
  readonly status: number;
  readonly text: string;
}

/** What a command in a container printed, and whether it exited with 0. */
export interface ExecResult {
  readonly ok: boolean;
  readonly output: string;
  readonly errors: string;
}

const deadlineMs = 5_000;
const statusBody = v.object({ message: v.string() });
const page = v.object({
  metadata: v.object({ continue: v.nullish(v.string(), '') }),
  items: v.nullish(v.array(v.unknown()), []),
});
type Page = v.InferOutput<typeof page>;

/**
 * Requests to one API server: over its proxy, with the client certificate or token of the kubeconfig. Each ends within 5 s of
 * wall time (sockets know no other), during which virtual time stands still.
 */
export class KubeConnection {
  private readonly config: KubeConfig;
  private readonly runner: Exec;
  private readonly clock: Clock;
  private readonly server: string;

  constructor(config: KubeConfig, runner: Exec, clock: Clock) {
    this.config = config;
    this.runner = runner;
    this.clock = clock;
    this.server = config.getCurrentCluster()?.server ?? '';
  }

  /** The answer whatever its status. */
  ask(path: string): Promise<KubeAnswer> {
    return this.timed(path, async (signal) => {
      const options: RequestOptions = { signal };
      await this.config.applyToHTTPSOptions(options);
      const sent = request(new URL(this.server + path), { ...options, signal });
      sent.end();
      const [answer] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { statusCode?: number }];
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      return { status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') };
    });
  }

  /** A JSON answer; fails on any other status than 200. */
  async json<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
    const { status, text } = await this.ask(path);
    const body = parseJson(text);
    if (status !== 200) {
      const reason = v.safeParse(statusBody, body);
      const words = reason.success ? reason.output.message : text.slice(0, 200);
      throw new OperatorError('kubernetes', `The Kubernetes API refused ${path}: ${status} ${words}`);
    }
    return understood(path, schema, body);
  }

  /** All items of a list, page by page. */
  async list<S extends v.GenericSchema>(path: string, item: S): Promise<v.InferOutput<S>[]> {
    const all: v.InferOutput<S>[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const from: string = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const { items, metadata }: Page = await this.json(`${path}?limit=500${from}`, page);
      all.push(...items.map((one) => understood(path, item, one)));
      next = metadata.continue === '' ? undefined : metadata.continue;
    }
    return all;
  }

  /** Runs a command (no shell) in a container. */
  exec(namespace: string, pod: string, container: string, command: readonly string[]): Promise<ExecResult> {
    return this.timed(`exec in ${pod}`, async (signal) => {
      const output = new Collector();
      const errors = new Collector();
      const ended = Promise.withResolvers<boolean>();
      const socket = await this.runner.exec(namespace, pod, container, [...command], output, errors, null, false, (s) =>
        ended.resolve(s.status === 'Success'),
      );
      socket.on('close', () => ended.reject(new Error('the connection was closed')));
      signal.addEventListener('abort', () => socket.terminate(), { once: true });
      const ok = await ended.promise;
      return { ok, output: output.text(), errors: errors.text() };
    });
  }

  private timed<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = () => unreachable(what, `no answer within ${deadlineMs / 1000} s`);
    return this.clock.hold(async () => {
      try {
        return await withDeadline(wallClock, deadlineMs, undefined, late, work);
      } catch (error) {
        throw error instanceof OperatorError ? error : unreachable(what, reasonOf(error), error);
      }
    });
  }
}

const understood = <S extends v.GenericSchema>(path: string, schema: S, raw: unknown): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return parsed.output;
  const where = v.getDotPath(parsed.issues[0]) ?? 'as a whole';
  throw new OperatorError('kubernetes', `Answer not understood: ${path}, ${where}`);
};

class Collector extends Writable {
  private readonly parts: Buffer[] = [];

  override _write(part: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.parts.push(part);
    done();
  }

  text(): string {
    return Buffer.concat(this.parts).toString('utf8');
  }
}

const unreachable = (what: string, why: string, cause?: unknown): OperatorError =>
  new OperatorError('kubernetes', `The Kubernetes API does not answer (${what}): ${why}`, {
    cause,
    retry: 'soon',
    remedy: 'Look at the masters and the load balancer: trizone status',
  });

// The WebSocket library rejects with an event that has a message but is no Error.
const eventMessage = v.object({ message: v.string() });
const reasonOf = (error: unknown): string => {
  if (error instanceof Error) return asOperatorError(error).message.replace('Unexpected error: ', '');
  const event = v.safeParse(eventMessage, error);
  return event.success ? event.output.message : String(error);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
