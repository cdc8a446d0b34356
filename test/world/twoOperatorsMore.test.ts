import { twoOperators } from './twoOperators.ts';

twoOperators(1);
