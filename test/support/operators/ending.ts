import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isOpen, type StoredRun } from '../../../src/engine/journalRecords.ts';
import { labelKeys } from '../../../src/model/marker.ts';
import { quorum } from '../../../src/model/quorum.ts';
import { isUndoable } from '../../../src/verbs/registry.ts';
import { tell, type Deed } from './deeds.ts';
import { Broken } from './observer.ts';
import type { Operator } from './operator.ts';
import { resourcesOf, clusterNames, type ClusterName, type Site } from './stage.ts';
import type { Story } from './story.ts';
import { Truth } from './truth.ts';

const minuteMs = 60_000;

/** Maximum duration of a verb (simulated minutes) once nothing blocks it. */
const longestMinutes = 150;

const throwBroken = (story: Story): void => {
  const [broken] = story.observer.broken;
  if (broken !== undefined) throw broken;
};

/** Waits until no operator has anything under way. */
const settle = async (story: Story): Promise<void> => {
  for (let minutes = 0; story.operators.some((o) => o.isBusy); minutes += 0.25) {
    if (minutes > longestMinutes) {
      const busy = story.operators.flatMap((o) => o.plays.filter((p) => p.state !== 'over').map((p) => p.title));
      throw new Broken('f', `Still under way after ${longestMinutes} min: ${busy.join(', ')}`);
    }
    await story.clock.sleep(minuteMs / 4);
    throwBroken(story);
  }
};

/** Runs that have not ended. */
const unfinished = (o: Operator) => o.runs().filter(isOpen);

/** Everything comes to rest, every run ends, both clusters are torn down: checks (e) to (h). */
export const end = async (story: Story): Promise<void> => {
  await story.calm();
  await settle(story);
  checkFiles(story);
  await goOn(story);
  checkCordons(story);
  checkLeft(story);
  for (const site of story.sites) await takeDown(story, site);
  for (const site of story.sites) checkEmpty(site);
};

// (f) Every run is over, or its verb ends it; a run that refuses both resume and undo is forgotten.
const goOn = async (story: Story): Promise<void> => {
  const open = story.operators.flatMap((o) => unfinished(o).map((run) => ({ o, run })));
  // A partly deleted cluster can only be torn down: runs that started that go first.
  const goes = ({ o, run }: (typeof open)[number]): boolean => o.firstOf(run.plan.run)?.endsCluster === true;
  for (const { o, run } of [...open.filter(goes), ...open.filter((x) => !goes(x))])
    if (isStillOpen(o, run)) await endRun(story, o, run);
};

// A teardown also ends other runs of its cluster.
const isStillOpen = (o: Operator, { plan }: StoredRun): boolean => unfinished(o).some((r) => r.plan.run === plan.run);

// Valid reasons for a refusal: its cluster is gone, was replaced by
// another one, or no longer meets the run's preconditions.
const mayBeForgotten = /^(failed: )?(refused|foreign|not-found): /;

const endRun = async (story: Story, o: Operator, run: StoredRun): Promise<void> => {
  const { verb, cluster, run: name } = run.plan;
  const first = o.firstOf(name) ?? assert.fail(`Nobody began ${name}`);
  const touched = story.hand.touched.has(first.uid ?? '');
  const mayStayOpen = (said: readonly string[]): boolean =>
    !isStillOpen(o, run) || touched || said.every((outcome) => mayBeForgotten.test(outcome));
  let outcomes = await tryToEnd(story, o, run, first.site);
  // The cluster may have been protected since: undo's refusal names the remedy.
  if (!mayStayOpen(outcomes) && (await unprotect(story, o, first.site, cluster)))
    outcomes = await tryToEnd(story, o, run, first.site);
  if (!isStillOpen(o, run)) return;
  if (!mayStayOpen(outcomes))
    throw new Broken('f', `${verb} of ${cluster} by ${o.name} has no end: ${outcomes.join('; ')}`);
  story.note(`in the end ${o.name} forgets \`${verb}\` of ${cluster}: ${outcomes.join('; ')}`);
  o.forget(name);
  if (isStillOpen(o, run)) throw new Broken('f', `${verb} of ${cluster} by ${o.name} is offered though forgotten`);
};

// By resume, then by undo if that does not end it; returns their outcomes.
const tryToEnd = async (story: Story, o: Operator, run: StoredRun, site: Site): Promise<string[]> => {
  const { verb, cluster } = run.plan;
  const outcomes: string[] = [];
  for (const what of isUndoable(verb) ? (['resume', 'undo'] as const) : (['resume'] as const)) {
    if (!isStillOpen(o, run)) break;
    story.note(`in the end ${o.name} says ${what} of \`${verb}\` of ${cluster}`);
    outcomes.push(await saidAgain(story, o, what, run, site));
  }
  return outcomes;
};

// Removes a cluster's protection; returns whether it had one.
const unprotect = async (story: Story, o: Operator, site: Site, cluster: string): Promise<boolean> => {
  const name = clusterNames.find((n) => n === cluster);
  const root = new Truth(site.emulator).roots().find((r) => r.record.cluster === cluster);
  if (name === undefined || root?.labels[labelKeys.protected] !== 'true') return false;
  if (o === story.editor) story.editor.connect(site);
  await carryOut(story, o, site, name, { do: 'protect', on: false });
  return true;
};

// If a dead run holds the lease, tries again with a takeover.
const saidAgain = async (
  story: Story,
  o: Operator,
  what: 'resume' | 'undo',
  run: StoredRun,
  site: Site,
): Promise<string> => {
  if (o === story.editor) story.editor.connect(site);
  for (const takeOver of [false, true]) {
    const play = o.again(what, run, site, takeOver);
    await settle(story);
    throwBroken(story);
    if (takeOver || !/^(failed: )?leased: /.test(play.outcome)) return play.outcome;
  }
  return assert.fail();
};

// (e) Exactly the Nodes cordoned by hand are still cordoned.
const checkCordons = (story: Story): void => {
  for (const site of story.sites) {
    const truth = new Truth(site.emulator);
    for (const { record } of truth.roots()) {
      for (const [name, node] of Object.entries(truth.masters(record.uid).nodes)) {
        const wanted = story.hand.cordoned.has(node.uid);
        if ((node.unschedulable === true) === wanted) continue;
        throw new Broken(
          'e',
          `${name} of ${site.name} is ${wanted ? 'open, a person had cordoned it' : 'cordoned, by no person'}`,
        );
      }
    }
  }
};

const ours = /^namespaces\/\/trizone-|^leases\/kube-system\/trizone-probe-/;

// (e) No run has left objects of its own in Kubernetes.
const checkLeft = (story: Story): void => {
  for (const site of story.sites) {
    const truth = new Truth(site.emulator);
    const left = truth.roots().flatMap(({ record }) => {
      const { voters, objects } = truth.masters(record.uid);
      // Without a quorum, or access to the API, no run can clean up; the next one on the cluster does.
      const answers = voters.filter((m) => truth.hasPower(m)).length >= quorum(voters.length);
      return answers && truth.isReachable(record) ? objects.filter((o) => ours.test(o)) : [];
    });
    if (left.length > 0) throw new Broken('e', `Left behind on ${site.name}: ${left.join(', ')}`);
  }
};

// (g) All files are readable, and no lease is held.
const checkFiles = (story: Story): void => {
  for (const o of story.operators) {
    const damaged = o.damaged();
    if (damaged.length > 0) throw new Broken('g', `${o.name}'s journals do not read back: ${damaged.join(', ')}`);
    const leases = o.leases();
    if (leases.length > 0) throw new Broken('g', `${o.name}'s leases were not given back: ${leases.join(', ')}`);
  }
};

// (h) Both operators tear clusters down, in turn, until none is left; an unreleased lease is taken over.
const takeDown = async (story: Story, site: Site): Promise<void> => {
  for (const [i, cluster] of clusterNames.entries()) {
    const first = (i + story.sites.indexOf(site)) % 2 === 0 ? story.shell : story.editor;
    for (const o of first === story.shell ? [first] : [first, story.shell]) {
      const root = new Truth(site.emulator).roots().find((r) => r.record.cluster === cluster);
      if (root === undefined) break;
      story.editor.connect(site);
      await unprotect(story, o, site, cluster);
      await carryOut(story, o, site, cluster, { do: 'down' });
    }
  }
};

const carryOut = async (story: Story, o: Operator, site: Site, cluster: ClusterName, deed: Deed): Promise<void> => {
  const told = tell(deed, site, cluster);
  if (told !== undefined) o.want(site, cluster, told, { waits: false, takeOver: true });
  await settle(story);
};

const checkEmpty = (site: Site): void => {
  const now = resourcesOf(site.emulator);
  if (isDeepStrictEqual(now, site.empty)) return;
  const left = Object.entries(now as Record<string, object>).flatMap(([table, rows]) =>
    Object.keys(rows)
      .filter(
        (key) =>
          !isDeepStrictEqual(
            (rows as Record<string, unknown>)[key],
            (site.empty as Record<string, Record<string, unknown> | undefined>)[table]?.[key],
          ),
      )
      .map((key) => `${table} ${key}`),
  );
  throw new Broken(
    'h',
    `After down of everything ${site.name} is not as before: ${left.slice(0, 20).join(', ') || 'something is missing'}`,
  );
};
