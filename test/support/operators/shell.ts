import { cliCommands } from '../../../src/cli/commands.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { parseCommandLine } from '../../../src/cli/parse.ts';
import type { StoredRun } from '../../../src/engine/journalRecords.ts';
import { OperatorError } from '../../../src/lib/operatorError.ts';
import type { Told } from './deeds.ts';
import { Operator, type How } from './operator.ts';
import type { Play } from './play.ts';
import type { ClusterName, Site } from './stage.ts';

// Flags that confirm the plan.
const agreedTo = (verb: string, cluster: string): string[] => (verb === 'down' ? ['--yes-delete', cluster] : ['--yes']);

/** An operator on the command line: one process per command; a plan waits at its prompt. */
export class Shell extends Operator {
  private started = 0;
  private readonly prompts: { readonly play: Play; readonly answer: (yes: boolean) => void }[] = [];

  want(site: Site, cluster: ClusterName, { verb, words }: Told, { waits, takeOver }: How): void {
    const agreed = waits ? [] : agreedTo(verb.verb, cluster);
    const all = [...words, '--cluster', cluster, ...agreed, ...(takeOver ? ['--take-over'] : [])];
    const token = this.nextToken();
    const play = this.planned(this.start(token), site, cluster, verb.verb, {
      title: `${words.join(' ')} of ${cluster}`,
    });
    this.run(play, token, all, waits);
  }

  again(what: 'resume' | 'undo', run: StoredRun, site: Site, takeOver: boolean): Play {
    const token = this.nextToken();
    const play = this.replayed(this.start(token), what, run, site);
    const { run: name, verb, cluster } = run.plan;
    const agreed = agreedTo(what === 'undo' ? what : verb, cluster);
    this.run(play, token, [what, name, ...agreed, ...(takeOver ? ['--take-over'] : [])], false);
    return play;
  }

  answer(nth: number, yes: boolean): string | undefined {
    const waiting = this.prompts.filter(({ play }) => play.state === 'waiting');
    const chosen = waiting[nth % Math.max(1, waiting.length)];
    if (chosen === undefined) return undefined;
    chosen.play.state = 'applying';
    chosen.answer(yes);
    return chosen.play.title;
  }

  private nextToken(): string {
    return `${this.name}-${++this.started}`;
  }

  private run(play: Play, token: string, argv: readonly string[], waits: boolean): void {
    if (!waits) play.state = 'applying';
    this.follow(play, this.carryOut(play, token, argv));
  }

  private async carryOut(play: Play, token: string, argv: readonly string[]): Promise<string> {
    const words = parseCommandLine(argv, cliCommands);
    const run = words.command?.inCloud;
    if (run === undefined) throw new OperatorError('internal', `Unknown command: ${words.verb}`);
    await run(await this.session(play.process, token, play.site), this.terminal(play), words);
    return 'done';
  }

  // The first prompt waits for its answer; a later one, about a changed plan, is confirmed.
  private asked(play: Play): Promise<boolean> {
    if (this.prompts.some((p) => p.play === play)) return Promise.resolve(true);
    play.state = 'waiting';
    return new Promise((answer) => this.prompts.push({ play, answer }));
  }

  private terminal(play: Play): Terminal {
    const quiet = (): void => undefined;
    return {
      ...{ json: false, live: false, env: {}, cancel: new AbortController().signal },
      ...{ write: quiet, log: quiet, out: quiet, document: quiet, atQuit: quiet, lost: quiet },
      confirm: () => this.asked(play),
    };
  }
}
