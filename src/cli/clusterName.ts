import { checkName } from '../model/names.ts';
import type { Arguments } from './arguments.ts';

/** The cluster that a command is about; default: the article's. `or`: another option that also contains its name. */
export const clusterArgument = (args: Pick<Arguments, 'text'>, or = 'cluster'): string =>
  checkName('Cluster', args.text('cluster') ?? args.text(or) ?? 'kubernetes');
