import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';
import { connect } from 'node:net';
import type { GuestCheck } from '../../../src/emulator/guestRuntime.ts';
import { every } from './every.ts';

const everyMs = 1000;
const limitMs = 2000;

/**
 * Google's health checkers: each check, once requested, is repeated every second from outside the machine, so that the
 * emulator, which cannot wait, gets the latest result. Not probed yet = no.
 */
export class HealthProbe {
  private readonly ip: string;
  private readonly answers = new Map<string, boolean>();
  private readonly ended = new AbortController();

  constructor(ip: string) {
    this.ip = ip;
  }

  newest(check: GuestCheck): boolean {
    const key = JSON.stringify(check);
    const known = this.answers.get(key);
    if (known === undefined) {
      this.answers.set(key, false);
      void every(everyMs, this.ended.signal, async () => {
        this.answers.set(key, await ask(this.ip, check));
      });
    }
    return known ?? false;
  }

  close(): void {
    this.ended.abort();
  }
}

// A health check distinguishes only good and bad; the machine itself reports the reason.
const ask = (host: string, { type, port, path }: GuestCheck): Promise<boolean> =>
  new Promise((resolve) => {
    const done = (good: boolean) => (): void => resolve(good);
    if (type === 'TCP') {
      const socket = connect({ host, port, timeout: limitMs });
      socket.on('connect', done(true)).on('error', done(false)).on('timeout', done(false));
      socket.on('connect', () => socket.destroy()).on('timeout', () => socket.destroy());
      return;
    }
    const options = { host, port, path, timeout: limitMs, agent: false };
    const heard = (answer: { statusCode?: number; resume: () => unknown }): void => {
      answer.resume();
      resolve(answer.statusCode === 200);
    };
    const asked =
      type === 'HTTP'
        ? getPlain(options, heard)
        : // eslint-disable-next-line no-restricted-syntax -- Google's health checks do not verify certificates
          getTls({ ...options, rejectUnauthorized: false }, heard);
    asked.on('error', done(false)).on('timeout', () => asked.destroy());
  });
