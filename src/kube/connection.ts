import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { Writable } from 'node:stream';
import { text as allText } from 'node:stream/consumers';
import type { Exec, KubeConfig } from '@kubernetes/client-node';
import * as v from 'valibot';
import { cancelled, wallClock, type Clock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { parseJson, reasonOf, refused, understood, unreachable } from './answer.ts';
import { plainModule } from './plainNetwork.cjs';
import { releasedBy } from './release.ts';

/** One response of the API server. */
export interface KubeAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request; a body has a content type (patches have several). */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: { readonly type: string; readonly text: string };
}

/** All items of a list, and its resource version, from which a watch continues. */
export interface Listed<T> {
  readonly items: T[];
  readonly version: string;
}

/** The output of a command in a container, and whether it exited with 0. */
export interface ExecResult {
  readonly ok: boolean;
  readonly output: string;
  readonly errors: string;
}

const https = plainModule('https');
const deadlineMs = 5_000;
const page = v.object({
  metadata: v.object({ continue: v.nullish(v.string(), ''), resourceVersion: v.nullish(v.string(), '') }),
  items: v.nullish(v.array(v.unknown()), []),
});
type Page = v.InferOutput<typeof page>;

/**
 * Requests to one API server: through its proxy, with the client certificate or token of the kubeconfig. Each ends
 * within 5 s of wall time (sockets know no other clock), during which virtual time stands still, or with code
 * `cancelled` when its signal aborts.
 */
export class KubeConnection {
  private readonly config: KubeConfig;
  private readonly runner: (config: KubeConfig) => Exec;
  private readonly clock: Clock;
  private readonly server: string;

  constructor(config: KubeConfig, runner: (config: KubeConfig) => Exec, clock: Clock) {
    this.config = config;
    this.runner = runner;
    this.clock = clock;
    this.server = config.getCurrentCluster()?.server ?? '';
  }

  /** GETs a path and returns the response, whatever its status. */
  ask(path: string, signal?: AbortSignal): Promise<KubeAnswer> {
    return this.send({ method: 'GET', path }, signal);
  }

  /** Sends a request that may change something and returns the response, whatever its status. */
  send(question: KubeRequest, signal?: AbortSignal): Promise<KubeAnswer> {
    return this.timed(question.path, signal, async (ends) => {
      const answer = await this.open(question, ends);
      return { status: answer.statusCode ?? 0, text: await allText(answer) };
    });
  }

  /** GETs JSON; fails on any status other than 200. */
  async json<S extends v.GenericSchema>(path: string, schema: S, signal?: AbortSignal): Promise<v.InferOutput<S>> {
    const { status, text } = await this.ask(path, signal);
    if (status !== 200) throw refused(path, status, text);
    return understood(path, schema, parseJson(text));
  }

  /** All items of a list, page by page. */
  async list<S extends v.GenericSchema>(
    path: string,
    item: S,
    signal?: AbortSignal,
    fieldSelector = '',
  ): Promise<Listed<v.InferOutput<S>>> {
    const only = fieldSelector === '' ? '' : `&fieldSelector=${encodeURIComponent(fieldSelector)}`;
    const items: v.InferOutput<S>[] = [];
    let version = '';
    for (let next: string | undefined = ''; next !== undefined;) {
      const from: string = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const { items: more, metadata }: Page = await this.json(`${path}?limit=500${only}${from}`, page, signal);
      items.push(...more.map((one) => understood(path, item, one)));
      version = metadata.resourceVersion;
      next = metadata.continue === '' ? undefined : metadata.continue;
    }
    return { items, version };
  }

  /**
   * Follows a streaming response line by line: `heard` gets the lines of each chunk and returns whether to continue.
   * Resolves with the response's status at its end: 410 at once if the requested version has expired. Fails if it
   * cannot connect within 5 s, if the connection breaks, and if the server has not ended the stream after `limitMs` of
   * wall time.
   */
  follow(
    path: string,
    limitMs: number,
    signal: AbortSignal,
    heard: (lines: readonly string[]) => boolean,
  ): Promise<number> {
    const late = () => unreachable(path, `no data for ${limitMs / 1000} s`);
    return withDeadline(wallClock, limitMs, signal, late, async (life) => {
      const answer = await this.timed(path, life, (ends) => this.open({ method: 'GET', path }, ends));
      life.addEventListener('abort', () => answer.destroy(cancelled(life)), { once: true });
      const status = answer.statusCode ?? 0;
      if (status !== 200) {
        const text = await this.timed(path, life, () => allText(answer));
        if (status !== 410) throw refused(path, status, text);
        return status;
      }
      try {
        for await (const lines of linesOf(answer)) if (!heard(lines)) break;
      } catch (error) {
        throw failureOf(path, life, error);
      }
      return status;
    });
  }

  /** Runs a command (no shell) in a container. */
  exec(
    namespace: string,
    pod: string,
    container: string,
    command: readonly string[],
    signal?: AbortSignal,
  ): Promise<ExecResult> {
    return this.timed(`exec in ${pod}`, signal, async (ends) => {
      const output = new Collector();
      const errors = new Collector();
      const ended = Promise.withResolvers<boolean>();
      const runner = this.runner(releasedBy(this.config, ends));
      const socket = await runner.exec(namespace, pod, container, [...command], output, errors, null, false, (status) =>
        ended.resolve(status.status === 'Success'),
      );
      socket.on('close', () => ended.reject(new Error('the connection was closed')));
      ends.addEventListener('abort', () => socket.terminate(), { once: true });
      const ok = await ended.promise;
      return { ok, output: output.text(), errors: errors.text() };
    });
  }

  private async open({ method, path, body }: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const options: RequestOptions = {};
    await releasedBy(this.config, signal).applyToHTTPSOptions(options);
    const sent = https.request(new URL(this.server + path), { ...options, method });
    if (body !== undefined) sent.setHeader('content-type', body.type);
    sent.end(body?.text);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return answer;
  }

  private timed<T>(
    what: string,
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = () => unreachable(what, `no response within ${deadlineMs / 1000} s`);
    return this.clock.hold(async () => {
      try {
        return await withDeadline(wallClock, deadlineMs, outer, late, work);
      } catch (error) {
        throw failureOf(what, outer, error);
      }
    });
  }
}

const failureOf = (what: string, signal: AbortSignal | undefined, error: unknown): OperatorError => {
  if (signal?.aborted) return cancelled(signal);
  return error instanceof OperatorError ? error : unreachable(what, reasonOf(error), error);
};

async function* linesOf(answer: IncomingMessage): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const part of answer.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
}

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
