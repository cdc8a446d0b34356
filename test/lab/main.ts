import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { cacheFolder } from '../host/install.ts';
import { labBuild, whyNoLab, type LabBuild } from './build/build.ts';
import { clockedSay } from './build/say.ts';
import { LabCloud } from './cloud/labCloud.ts';
import { cleanUp } from './machines/cleanUp.ts';
import { Fabric } from './machines/fabric.ts';
import { fabricNamespace } from './machines/names.ts';
import { Person } from './scenario.ts';
import { article } from './scenarios/article.ts';
import { hold } from './scenarios/hold.ts';
import { first } from './scenarios/first.ts';
import { reboots } from './scenarios/reboots.ts';

// npm run lab [-- first]: the shipped startup script and workflows on real machines. Outside it builds and cleans up; the lab
// itself runs in the fabric's network namespace, so that nothing of the host's network is touched.

// On the file system of the builds, which machines take by hard links. A folder of its own, because every run empties it.
const state = join(process.env.TRIZONE_LAB_STATE ?? cacheFolder(), 'lab-state');
const insideVariable = 'TRIZONE_LAB_BUILD';

type Scenario = (person: Person, cloud: LabCloud) => Promise<void>;

const scenarios: Readonly<Record<string, Scenario>> = { first, article, hold, reboots };

const outside = async (wanted: string): Promise<number> => {
  const reason = whyNoLab();
  if (reason !== undefined) {
    const failed = process.env.CI === 'true';
    console.log(`lab ${failed ? 'cannot run' : 'is skipped'}: ${reason}`);
    console.log(`0 passed, ${failed ? '1 failed, 0 skipped' : '0 failed, 1 skipped'}`);
    return failed ? 1 : 0;
  }
  const build = await labBuild((line) => console.log(line));
  await cleanUp(state);
  rmSync(state, { recursive: true, force: true });
  await Fabric.create();
  const env = { ...process.env, [insideVariable]: JSON.stringify(build) };
  const words = [`--net=/run/netns/${fabricNamespace}`, process.execPath, import.meta.filename, wanted];
  const child = spawn('nsenter', words, { stdio: 'inherit', env });
  // Whoever ends the lab ends it as a whole: nothing of it may be left.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [status] = (await once(child, 'exit')) as [number | null];
  await cleanUp(state);
  return status ?? 1;
};

const inside = async (play: Scenario, build: LabBuild): Promise<number> => {
  const say = clockedSay((line) => console.log(line));
  const cloud = await LabCloud.start(build, await Fabric.create(), state);
  try {
    await play(new Person(state, build.bin), cloud);
    cloud.check();
    say('done');
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    await cloud.close();
  }
};

const [wanted = 'article'] = process.argv.slice(2);
const play = scenarios[wanted];
if (play === undefined) {
  console.error(`No such scenario: ${wanted}; there are ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}
const given = process.env[insideVariable];
process.exit(await (given === undefined ? outside(wanted) : inside(play, JSON.parse(given) as LabBuild)));
