import { checkName } from '../model/names.ts';
import type { Words } from './words.ts';

/** The cluster that a verb is about: the article's where none is named. */
export const clusterOf = (w: Words): string => checkName('Cluster', w.text('cluster') ?? 'kubernetes');
