import type { Session } from '../compose.ts';
import type { Prepared } from '../workflows/prepared.ts';
import { carryOut } from './apply.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** A verb that is agreed to by --yes or the word yes, and whose result is its plan; whether it was carried out. */
export const carryOutSimply = async (
  s: Session,
  t: Terminal,
  w: Words,
  p: Prepared,
  title: string,
): Promise<boolean> => {
  const done = await carryOut(s, t, w, p, { title, answer: 'yes', agreed: w.flag('yes') });
  if (t.json) t.document(done.summary);
  return !w.flag('plan');
};
