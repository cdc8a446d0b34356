import type { Session } from '../compose.ts';
import { invalid } from '../lib/operatorError.ts';
import { prepareHalt, prepareSmoke } from '../workflows/drill.ts';
import { prepareProtection } from '../workflows/protection.ts';
import { carryOut } from './apply.ts';
import { checkWritable, writeReport } from './files.ts';
import { clusterOf } from './clusterName.ts';
import { options } from './create.ts';
import { carryOutSimply } from './simple.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** `trizone drill halt NAME [--report FILE]` */
export const drill = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [what, name] = w.rest;
  if (what !== 'halt')
    throw invalid(what === undefined ? 'Which drill?' : `No such drill: ${what}`, 'Say: trizone drill halt NAME');
  if (name === undefined) throw invalid('No master named', 'Say: trizone drill halt NAME. Names: trizone status');
  const file = w.text('report');
  if (file !== undefined) checkWritable(file);
  const wish = { cluster: clusterOf(w), name };
  const prepared = await prepareHalt(s.world, wish, options(s, w));
  const asked = { title: `Halt master ${name} of ${wish.cluster} as a drill`, answer: 'yes', agreed: w.flag('yes') };
  const { changed, summary, probed } = await carryOut(s, t, w, prepared, asked);
  if (changed) {
    const report = prepared.report?.(probed, s.world.cloud.label) ?? '';
    if (file === undefined) t.say(report);
    else writeReport(file, report);
  }
  if (t.json) t.document({ ...summary, timeline: prepared.timeline.moments });
};

/** `trizone smoke` */
export const smoke = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const cluster = clusterOf(w);
  const prepared = await prepareSmoke(s.world, { cluster }, options(s, w));
  const asked = { title: `Smoke test of ${cluster}`, answer: 'yes', agreed: true };
  const { changed, summary } = await carryOut(s, t, w, prepared, asked);
  for (const a of prepared.answered) t.say(`✓ ${a.zone}   "Welcome to nginx!" after ${Math.round(a.ms / 1000)} s`);
  if (t.json) t.document(changed ? { ...summary, answered: prepared.answered } : summary);
};

/** `trizone protect on|off` */
export const protect = async (s: Session, t: Terminal, w: Words): Promise<void> => {
  const [what] = w.rest;
  if (what !== 'on' && what !== 'off') throw invalid('Protect: on or off?', 'Say: trizone protect on');
  const cluster = clusterOf(w);
  const prepared = await prepareProtection(s.world, cluster, what === 'on');
  await carryOutSimply(s, t, w, prepared, what === 'on' ? `Protect ${cluster}` : `End the protection of ${cluster}`);
};
