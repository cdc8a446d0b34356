import { checkName } from '../model/names.ts';
import type { Arguments } from './arguments.ts';

/** The cluster that a command is about: the article's where none is named. `or`: another option that names it, too. */
export const clusterArgument = (args: Pick<Arguments, 'text'>, or = 'cluster'): string =>
  checkName('Cluster', args.text('cluster') ?? args.text(or) ?? 'kubernetes');
