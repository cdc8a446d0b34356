import type { Process } from './process.ts';
import type { Site } from './stage.ts';

/** One request of an operator from its plan to its end. */
export class Play {
  /** "`replicate europe-west1-c` on a of cloud 1" */
  readonly title: string;
  readonly process: Process;
  readonly site: Site;
  readonly cluster: string;
  readonly verb: string;
  /** Its cluster; for a create, known when its journal begins. */
  uid: string | undefined;
  /** Whether it deletes the whole cluster: `down`, or the undo of `up`. */
  readonly endsCluster: boolean;
  run: string | undefined;
  state: 'planning' | 'waiting' | 'applying' | 'running' | 'over' = 'planning';
  outcome = '';

  constructor(p: Pick<Play, 'title' | 'process' | 'site' | 'cluster' | 'verb' | 'uid' | 'endsCluster' | 'run'>) {
    this.title = p.title;
    this.process = p.process;
    this.site = p.site;
    this.cluster = p.cluster;
    this.verb = p.verb;
    this.uid = p.uid;
    this.endsCluster = p.endsCluster;
    this.run = p.run;
  }
}
