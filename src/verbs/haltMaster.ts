import * as v from 'valibot';
import { message } from '../lib/message.ts';
import { Timeline } from '../model/timeline.ts';
import { bootMaster } from '../steps/boot.ts';
import { haltAndWatch } from '../steps/drill.ts';
import { mayHalt } from '../steps/mayLeave.ts';
import { readExisting } from '../steps/existing.ts';
import { holdLease } from '../steps/lease.ts';
import { validateCluster } from '../steps/validate.ts';
import type { Reads } from '../steps/world.ts';
import { servesAgain, startMaster } from '../workflows/repair.ts';
import { workflow } from '../workflows/workflow.ts';
import { drillReport } from './drillReport.ts';
import { checkMember, masterOf, type MasterRequest } from './masterParts.ts';
import { forCluster, type Preparing, type Work } from './prepared.ts';
import { verb } from './verb.ts';

/** A drill, and its observations once it has run. */
interface Drill extends Work {
  readonly timeline: Timeline;
}

const prepare = async (world: Reads, request: MasterRequest, options: Preparing): Promise<Drill> => {
  const { cluster, name } = request;
  const x = await readExisting(world, cluster);
  const c = x.cluster;
  const r = masterOf(x, name);
  const timeline = new Timeline();
  const w = workflow();
  const lease = w.add(holdLease(c, options.by, []));
  const guard = w.add(mayHalt({ names: c.names, through: [...r.others, r.master.name] }, c, r.master, [lease]));
  const since = w.add(haltAndWatch({ cluster: c, master: r.master, others: r.others, timeline }, [guard]));
  const booted = w.add(bootMaster(r.master, { joins: 'its static pods start from its disk', since }, []));
  const serves = w.addAll(servesAgain(c, r, [booted]));
  w.add(validateCluster(c, serves.slice(-1)));
  return {
    ...{ ...forCluster(world, c), steps: w.steps, input: request, timeline },
    again: (now) => prepare(now, request, options),
    report: (probed, cloud) => drillReport({ cluster, name, cloud, moments: timeline.moments, probed }),
    outcome: () => Promise.resolve({ lines: [], json: { timeline: timeline.moments } }),
    warnings: [`${name} will be off for about two minutes. Until it is back, another failure would stop the API.`],
  };
};

// An interrupted drill is not repeated: its master is started again.
const bringBack = async (world: Reads, request: MasterRequest, { by }: Preparing): Promise<Work> => {
  const x = await readExisting(world, request.cluster);
  const r = masterOf(x, request.name);
  await checkMember(world, x, r);
  const steps = startMaster(x.cluster, r, 'never', by);
  return { ...forCluster(world, x.cluster), steps, input: request };
};

/** The article's steps 8 to 10, observed. */
export const haltMaster = verb({
  name: 'drill-halt',
  label: 'Halt drill on {0}',
  ...{ risky: true, probed: true },
  target: { on: 'master', question: 'Select a master to halt' },
  options: {},
  help: {
    words: 'drill halt',
    group: 'Test',
    does: 'halt a master, watch the cluster keep working, and start the master again',
    examples: ['trizone drill halt kubernetes-master-x7k --report drill.md'],
    never: 'Never halts a master that the cluster needs, and never leaves one off.',
    reports: true,
  },
  palette: {
    ...{ command: 'master.halt', title: 'Halt Master (Drill)…', icon: 'debug-pause', button: 'Halt' },
    menu: { on: ['master'], needs: ['running', 'spare'], group: '8_drill@1' },
  },
  title: ({ cluster, name }) => message('Halt master {0} of {1} (drill)', name, cluster),
  stored: v.object({ cluster: v.string(), name: v.string() }),
  prepare,
  again: bringBack,
});
