import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { cacheFolder } from '../host/install.ts';
import { cannotRun, type Count, inWords, sum } from '../support/count.ts';
import { labBuild, whyNoLab, type LabBuild } from './build/build.ts';
import { LabCloud } from './cloud/labCloud.ts';
import { disksOf } from './cloud/guests.ts';
import { cleanUp } from './machines/cleanUp.ts';
import { layInMemory } from './machines/disks.ts';
import { Fabric } from './machines/fabric.ts';
import { fabricNamespace } from './machines/names.ts';
import { traces } from './machines/traces.ts';
import { Person } from './scenario.ts';
import { article } from './scenarios/article.ts';
import { certificates } from './scenarios/certificates.ts';
import { drill } from './scenarios/drill.ts';
import { faults } from './scenarios/faults.ts';
import { first } from './scenarios/first.ts';
import { hold } from './scenarios/hold.ts';
import { order } from './scenarios/order.ts';
import { reboots } from './scenarios/reboots.ts';
import { record } from './scenarios/record.ts';

// npm run lab [-- first]: the shipped startup script and workflows on real machines. The outer process builds and
// cleans up; the lab itself runs in the fabric's network namespace, so that the host's network is not touched.

// On the file system of the builds, which machines hard-link. A separate folder, because every run empties it.
const state = join(process.env.TRIZONE_LAB_STATE ?? cacheFolder(), 'lab-state');
const insideVariable = 'TRIZONE_LAB_BUILD';

type Scenario = (person: Person, cloud: LabCloud) => Promise<void>;

const scenarios: Readonly<Record<string, Scenario>> = {
  ...{ first, article, drill },
  ...{ certificates, order, faults, reboots, record, hold },
};

// Only the builds may be left on this computer, however the lab ended.
const nothingLeft = async (): Promise<Count> => {
  await cleanUp(state);
  const left = await traces(state);
  if (left.length > 0) console.error(`The lab has left behind:\n${left.join('\n')}`);
  return { passed: left.length === 0 ? 1 : 0, failed: left.length === 0 ? 0 : 1, skipped: 0 };
};

const outside = async (wanted: string): Promise<Count> => {
  const reason = whyNoLab();
  if (reason !== undefined) return cannotRun('lab', reason);
  const build = await labBuild((line) => console.log(line));
  await cleanUp(state);
  rmSync(state, { recursive: true, force: true });
  await layInMemory(disksOf(state));
  await Fabric.create();
  const env = { ...process.env, [insideVariable]: JSON.stringify(build) };
  const words = [`--net=/run/netns/${fabricNamespace}`, process.execPath, import.meta.filename, wanted];
  const child = spawn('nsenter', words, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  // A signal ends the whole lab, including its child processes.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  let count: Count = { passed: 0, failed: 1, skipped: 0 }; // it ended before it could report
  child.on('message', (said) => (count = said as Count));
  await once(child, 'close'); // unlike 'exit', waits for the child's remaining output
  return sum(count, await nothingLeft());
};

const inside = async (play: Scenario, build: LabBuild): Promise<Count> => {
  const cloud = await LabCloud.start(build, await Fabric.create(), state);
  const person = new Person(state, build.bin);
  let failed = 0;
  try {
    await play(person, cloud);
    cloud.check();
  } catch (error) {
    console.error(error);
    failed = 1;
  }
  await cloud.close();
  return { passed: person.passed, failed, skipped: 0 };
};

const [wanted = 'article'] = process.argv.slice(2);
const play = scenarios[wanted];
if (play === undefined) {
  console.error(`No such scenario: ${wanted}; there are ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}
const given = process.env[insideVariable];
if (given === undefined) {
  const count = await outside(wanted);
  console.log(inWords(count));
  process.exit(count.failed === 0 ? 0 : 1);
} else {
  const count = await inside(play, JSON.parse(given) as LabBuild);
  process.send?.(count, () => process.exit());
}
