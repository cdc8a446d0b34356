import type { Session } from '../../../src/compose.ts';
import type { StoredRun } from '../../../src/engine/journalRecords.ts';
import { apply, plan, type Planned } from '../../../src/ui/cloudAccess.ts';
import type { Asking } from '../../../src/ui/asking.ts';
import type { Told } from './deeds.ts';
import { Operator, type How, type OperatorParts } from './operator.ts';
import type { Play } from './play.ts';
import type { Process } from './process.ts';
import type { ClusterName, Site } from './stage.ts';

const never = new AbortController().signal;

// Confirms even if the plan has changed since.
const agrees = (): Promise<boolean> => Promise.resolve(true);

/**
 * An operator in the editor: one process for the life of its window, one connection at a time, plans waiting in the
 * Activity view. Does what `ui/commands/verb.ts` does, by the same services.
 */
export class Editor extends Operator {
  private connection: Site;
  private windows = 0;
  private process: Process | undefined;
  private readonly open = new Map<string, Promise<Session>>();
  private readonly waiting: { readonly play: Play; readonly planned: Planned }[] = [];

  constructor(name: string, p: OperatorParts, connection: Site) {
    super(name, p);
    this.connection = connection;
  }

  /** The cloud that this window and every other one uses. */
  get connected(): Site {
    return this.connection;
  }

  connect(site: Site): void {
    this.connection = site;
  }

  want(site: Site, cluster: ClusterName, { verb, words }: Told, how: How): void {
    const play = this.planned(this.window(), site, cluster, verb.verb, {
      title: `${words.join(' ')} of ${cluster}`,
    });
    this.follow(play, this.carryOut(play, verb, how));
  }

  again(what: 'resume' | 'undo', run: StoredRun, site: Site, takeOver: boolean): Play {
    const play = this.replayed(this.window(), what, run, site);
    this.follow(
      play,
      this.carryOut(play, what === 'undo' ? { undo: run.plan.run } : { resume: run.plan.run }, {
        waits: false,
        takeOver,
      }),
    );
    return play;
  }

  answer(nth: number, yes: boolean): string | undefined {
    const waiting = this.waiting.filter(({ play }) => play.state === 'waiting');
    const chosen = waiting[nth % Math.max(1, waiting.length)];
    if (chosen === undefined) return undefined;
    const { play, planned } = chosen;
    this.waiting.splice(this.waiting.indexOf(chosen), 1);
    play.state = yes ? 'applying' : 'over';
    if (yes) this.follow(play, this.apply(planned));
    return play.title;
  }

  private window(): Process {
    if (this.process?.dead === false) return this.process;
    this.windows++;
    this.open.clear();
    this.process = this.start(this.token);
    return this.process;
  }

  private get token(): string {
    return `${this.name}-${this.windows}`;
  }

  private sessionOn(site: Site): Promise<Session> {
    const known = this.open.get(site.name) ?? this.session(this.window(), this.token, site);
    this.open.set(site.name, known);
    return known;
  }

  private async carryOut(play: Play, asking: Asking, { waits, takeOver }: How): Promise<string> {
    const planned = await plan(await this.sessionOn(play.site), asking, takeOver, never);
    const [refusal] = planned?.plan.refusals ?? [];
    if (refusal !== undefined) throw refusal;
    if (planned === undefined || planned.nothingToDo) {
      if ('resume' in asking) this.forget(asking.resume);
      return 'nothing to do';
    }
    if (waits && planned.plan.changes.length > 0) {
      this.waiting.push({ play, planned });
      play.state = 'waiting';
      return new Promise(() => undefined); // until it is answered
    }
    play.state = 'applying';
    return this.apply(planned);
  }

  // On the current connection, whatever the plan was made on: the engine must detect this.
  private async apply(planned: Planned): Promise<string> {
    const session = await this.sessionOn(this.connection);
    const { state, error } = await apply({ ...planned, session }, () => undefined, never, agrees);
    return error === undefined ? state : `${state}: ${error.code}: ${error.message}`;
  }
}
