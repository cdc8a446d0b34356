import { isDeepStrictEqual } from 'node:util';
import { isOpen, type StoredRun } from '../../../src/engine/journal.ts';
import { labelKeys } from '../../../src/model/marker.ts';
import { isUndoable } from '../../../src/model/verbs.ts';
import { tell, uidOf, type Deed } from './deeds.ts';
import { Broken } from './observer.ts';
import type { Operator } from './operator.ts';
import { resourcesOf, clusterNames, type ClusterName, type Site } from './stage.ts';
import type { Story } from './story.ts';
import { Truth } from './truth.ts';

const minuteMs = 60_000;

/** No verb takes longer than this (simulated minutes) once nothing stands in its way. */
const longestMinutes = 150;

const throwBroken = (story: Story): void => {
  const [broken] = story.observer.broken;
  if (broken !== undefined) throw broken;
};

/** Waits until nobody has anything under way. */
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

/** Runs that did not come to an end. */
const unfinished = (o: Operator) => o.runs().filter(isOpen);

/** Everything comes to rest, every run to its end, both clusters go: checks (e) to (h). */
export const end = async (story: Story): Promise<void> => {
  await story.calm();
  await settle(story);
  checkFiles(story);
  await goOn(story);
  checkCordons(story);
  for (const site of story.sites) await takeDown(story, site);
  for (const site of story.sites) checkEmpty(site);
};

// (f) Every run is over, or its verb ends it. Where somebody has laid hands on the cluster it may come to nothing.
const goOn = async (story: Story): Promise<void> => {
  for (const o of story.operators) {
    for (const run of unfinished(o)) {
      const first = o.firstOf(run.plan.run);
      // Its cluster is gone: such a run can only be forgotten.
      if (first === undefined || uidOf(first.site, first.cluster) !== first.uid) continue;
      const mayFail = story.hand.touched.has(first.uid ?? '');
      if (mayFail && run.state !== undefined) continue;
      const outcomes = await endRun(story, o, run, first.site);
      if (outcomes.length > 0 && !mayFail)
        throw new Broken(
          'f',
          `${run.plan.verb} of ${run.plan.cluster} by ${o.name} has no end: ${outcomes.join('; ')}`,
        );
    }
  }
};

// What came of it where neither resume nor undo ended the run.
const endRun = async (story: Story, o: Operator, run: StoredRun, site: Site): Promise<string[]> => {
  const outcomes: string[] = [];
  for (const what of isUndoable(run.plan.verb) ? (['resume', 'undo'] as const) : (['resume'] as const)) {
    if (o === story.editor) story.editor.connect(site);
    story.note(`in the end ${o.name} says ${what} of \`${run.plan.verb}\` of ${run.plan.cluster}`);
    const play = o.again(what, run, site, true);
    await settle(story);
    throwBroken(story);
    if (!unfinished(o).some((r) => r.plan.run === run.plan.run)) return [];
    outcomes.push(`${what}: ${play.outcome}`);
  }
  return outcomes;
};

// (e) Who was cordoned by a person still is, and nobody else.
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

// (g) Files read whole.
const checkFiles = (story: Story): void => {
  for (const o of story.operators) {
    const damaged = o.damaged();
    if (damaged.length > 0) throw new Broken('g', `${o.name}'s journals do not read back: ${damaged.join(', ')}`);
  }
};

// (h) Both operators take clusters down, in turn, until none is left; a lease that nobody gives back is taken over.
const takeDown = async (story: Story, site: Site): Promise<void> => {
  for (const [i, cluster] of clusterNames.entries()) {
    const first = (i + story.sites.indexOf(site)) % 2 === 0 ? story.shell : story.editor;
    for (const o of first === story.shell ? [first] : [first, story.shell]) {
      const root = new Truth(site.emulator).roots().find((r) => r.record.cluster === cluster);
      if (root === undefined) break;
      story.editor.connect(site);
      if (root.labels[labelKeys.protected] === 'true')
        await carryOut(story, o, site, cluster, { do: 'protect', on: false });
      await carryOut(story, o, site, cluster, { do: 'down' });
    }
  }
};

const carryOut = async (story: Story, o: Operator, site: Site, cluster: ClusterName, deed: Deed): Promise<void> => {
  const told = tell(deed, site, cluster);
  if (told !== undefined) o.want(site, cluster, told, { waits: false, takeOver: o === story.shell });
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
