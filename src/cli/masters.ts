import type { Session } from '../compose.ts';
import { invalid } from '../lib/operatorError.ts';
import { checkZones } from '../model/zones.ts';
import { prepareMakeHa, prepareMasterRemove, prepareReplicate } from '../workflows/masterVerbs.ts';
import { clusterOf } from './clusterName.ts';
import { options, zoneOf } from './create.ts';
import { carryOutSimply } from './simple.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** `trizone replicate --zone Z` */
export const replicate = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [cluster, zone] = [clusterOf(w), zoneOf(t, w)];
  const prepared = await prepareReplicate(s.world, { cluster, zone }, options(s, w));
  await carryOutSimply(s, t, w, prepared, `Replicate the master of ${cluster} to ${zone}`);
};

/** `trizone make-ha --zones Z,Z` */
export const makeHa = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const zones = w.text('zones')?.split(',');
  if (zones === undefined)
    throw invalid('No zones given', 'Say --zones, for example --zones europe-west1-c,europe-west1-d.');
  checkZones(zones);
  const cluster = clusterOf(w);
  const prepared = await prepareMakeHa(s.world, { cluster, zones }, options(s, w));
  await carryOutSimply(s, t, w, prepared, `Make ${cluster} highly available with masters in ${zones.join(', ')}`);
};

/** `trizone master remove NAME` */
export const master = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [what, name] = w.rest;
  if (what !== 'remove')
    throw invalid(
      what === undefined ? 'What to do with a master?' : `A master cannot: ${what}`,
      'Say: trizone master remove NAME',
    );
  if (name === undefined) throw invalid('No master named', 'Say: trizone master remove NAME. Names: trizone status');
  await removeMaster(s, t, w, clusterOf(w), name);
};

/** Takes one master away, by its name. */
export const removeMaster = async (s: Session, t: Terminal, w: Words, cluster: string, name: string): Promise<void> => {
  const prepared = await prepareMasterRemove(s.world, { cluster, name }, options(s, w));
  await carryOutSimply(s, t, w, prepared, `Remove master ${name} of ${cluster}`);
};
