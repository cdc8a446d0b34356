import { labBuild, whyNoLab } from './build.ts';

/** `node test/lab/build/main.ts`: builds the lab's parts and prints their locations as JSON. */
const why = whyNoLab();
if (why !== undefined) {
  console.error(`The lab cannot run on this computer: ${why}`);
  process.exitCode = 1;
} else {
  console.log(JSON.stringify(await labBuild((line) => console.error(line)), null, 2));
}
