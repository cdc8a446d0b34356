import type { CloudStep } from '../steps/world.ts';

/** A list of steps under construction. A step is listed where it is made: none can be forgotten, and none is named twice. */
export interface Workflow {
  /** Lists a step, and hands it on. */
  readonly add: <S extends CloudStep>(step: S) => S;
  /** Lists several, and hands them on. */
  readonly addAll: <S extends CloudStep>(steps: readonly S[]) => readonly S[];
  /** All that was added, in its order. */
  readonly steps: CloudStep[];
}

/** An empty workflow. */
export const workflow = (): Workflow => {
  const steps: CloudStep[] = [];
  return {
    steps,
    add: (step) => {
      steps.push(step);
      return step;
    },
    addAll: (more) => {
      steps.push(...more);
      return more;
    },
  };
};
