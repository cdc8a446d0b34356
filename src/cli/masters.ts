import type { Session } from '../compose.ts';
import { invalid } from '../lib/operatorError.ts';
import { checkZones } from '../model/zones.ts';
import { prepareMakeHa, prepareMasterRemove, prepareReplicate } from '../workflows/masterVerbs.ts';
import { prepareNodeRepair } from '../workflows/nodeRepair.ts';
import { prepareMasterRepair, prepareMasterStart } from '../workflows/repairVerb.ts';
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

const deeds = ['start', 'repair', 'remove'] as const;

/** `trizone master start|repair|remove NAME` */
export const master = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [what, name] = w.rest;
  const deed = deeds.find((d) => d === what);
  if (deed === undefined)
    throw invalid(
      what === undefined ? 'What to do with a master?' : `A master cannot: ${what}`,
      'Say: trizone master start|repair|remove NAME',
    );
  if (name === undefined) throw invalid('No master named', `Say: trizone master ${deed} NAME. Names: trizone status`);
  if (w.text('zone') !== undefined && deed !== 'repair')
    throw invalid(`master ${deed} takes no zone`, `Its name says which: trizone master ${deed} ${name}`);
  const cluster = clusterOf(w);
  if (deed === 'remove') return removeMaster(s, t, w, cluster, name);
  const wish = { cluster, name };
  const prepared =
    deed === 'start'
      ? await prepareMasterStart(s.world, wish, options(s, w))
      : await prepareMasterRepair(s.world, { ...wish, zone: w.text('zone') }, options(s, w));
  await carryOutSimply(s, t, w, prepared, `${deed === 'start' ? 'Start' : 'Repair'} master ${name} of ${cluster}`);
};

/** Takes one master away, by its name. */
export const removeMaster = async (s: Session, t: Terminal, w: Words, cluster: string, name: string): Promise<void> => {
  const prepared = await prepareMasterRemove(s.world, { cluster, name }, options(s, w));
  await carryOutSimply(s, t, w, prepared, `Remove master ${name} of ${cluster}`);
};

/** `trizone node repair NAME` */
export const node = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [what, name] = w.rest;
  if (what !== 'repair' || name === undefined)
    throw invalid('Repair which node?', 'Say: trizone node repair NAME. Names: trizone status');
  const cluster = clusterOf(w);
  const prepared = await prepareNodeRepair(s.world, { cluster, name }, options(s, w));
  await carryOutSimply(s, t, w, prepared, `Repair node ${name} of ${cluster}`);
};
