import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import { cacheFolder } from '../../host/install.ts';
import type { MachineImage } from './image.ts';
import { Machine } from './machine.ts';
import type { Ended } from '../program.ts';
import { until } from './commands.ts';

/** Image of test machines: TRIZONE_LAB_BUILD is a lab build as JSON, or a file that contains it. */
export const imageOfTests = (): MachineImage => {
  const given = process.env.TRIZONE_LAB_BUILD;
  if (!given) {
    throw new OperatorError('not-ready', 'There is no build of the lab to make machines from', {
      remedy: 'Set TRIZONE_LAB_BUILD to the JSON of a build, or to a file with it.',
    });
  }
  return JSON.parse(given.startsWith('{') ? given : readFileSync(given, 'utf8')) as MachineImage;
};

/** A folder for machines on the cache's file system, because images are hard-linked. */
export const newState = (): string => {
  mkdirSync(cacheFolder(), { recursive: true });
  return mkdtempSync(join(cacheFolder(), 'lab-trial-'));
};

/** Address of a test machine. */
export const addressOf = (n: number): string => `10.40.0.${n}`;

/** File of machine `n`'s persistent disk. */
export const diskOf = (state: string, n: number): string => join(state, 'disks', `${n}.img`);

/** A machine with one persistent disk, `master-pd`. */
export const machineOf = (state: string, n: number, image = imageOfTests()): Machine =>
  new Machine(
    {
      ...{ n, id: `${n}`, hostname: `machine-${n}`, ip: addressOf(n) },
      disks: [{ deviceName: 'master-pd', file: diskOf(state, n) }],
      folder: join(state, 'machines', `${n}`),
    },
    image,
  );

/** Output of a program inside the machine, which must succeed. */
export const told = async (machine: Machine, ...command: string[]): Promise<string> => {
  const { code, out, err } = await machine.run(command);
  if (code !== 0) throw new Error(`${command.join(' ')}: ${code} ${out}${err}`);
  return out.trimEnd();
};

/** Waits for the end of the boot; a startup script may still be running. */
export const booted = (machine: Machine): Promise<void> =>
  until(
    'the machine has booted',
    30_000,
    async () => (await machine.run(['systemctl', 'is-active', '--quiet', 'multi-user.target'])).code === 0,
  );

// Answers with the machine's name; listens on every address that is local to the kernel.
const server = (port: number): string => `
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        name = os.uname().nodename.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name)
http.server.ThreadingHTTPServer(("", ${port}), Handler).serve_forever()
`;

/** Starts a web server on the machine that answers with its name. */
export const serve = async (machine: Machine, port: number): Promise<void> => {
  await told(machine, 'systemd-run', '--quiet', 'python3', '-c', server(port));
  const asked = (): Promise<Ended> => machine.run(['curl', '--silent', '--fail', `http://127.0.0.1:${port}`]);
  await until('the web server answers', 20_000, async () => (await asked()).code === 0);
};

/** Name of the machine that answers at an address on a new connection; undefined if none does within a second. */
export const whoAnswers = async (from: Machine, url: string): Promise<string | undefined> => {
  const { code, out } = await from.run(['curl', '--silent', '--fail', '--max-time', '1', url]);
  return code === 0 ? out : undefined;
};

/** Names of the machines that answer a number of connections, without duplicates. */
export const allWhoAnswer = async (from: Machine, url: string): Promise<(string | undefined)[]> => {
  const answers = await Promise.all(Array.from({ length: 24 }, () => whoAnswers(from, url)));
  return [...new Set(answers)].sort();
};

/** Whether an address answers a ping within a second. */
export const reaches = async (from: Machine, ip: string): Promise<boolean> =>
  (await from.run(['ping', '-c', '1', '-W', '1', ip])).code === 0;
