import type { CloudStep } from '../steps/world.ts';

/** A list of steps under construction. A step is listed where it is created: none can be forgotten or listed twice. */
export interface Workflow {
  /** Lists a step and returns it. */
  readonly add: <S extends CloudStep>(step: S) => S;
  /** Lists several steps and returns them. */
  readonly addAll: <S extends CloudStep>(steps: readonly S[]) => readonly S[];
  /** All listed steps, in order. */
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
