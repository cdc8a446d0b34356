import type { Translate } from './translate.ts';

/** A step's title in the person's language. */
export const stepTitle = (_t: Translate, title: string): string => title;
