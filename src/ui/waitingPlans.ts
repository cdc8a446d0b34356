import type { Planned } from './cloudAccess.ts';

/** How a verb is confirmed. */
export interface Confirmation {
  /** "Create cluster kubernetes in europe-west1-b". */
  readonly title: string;
  /** The button that says yes, or the name that has to be typed. */
  readonly yes: { readonly button: string } | { readonly typed: string };
  /** What a person should know beside the plan. */
  readonly notes?: readonly string[];
}

/** A plan that waits for its confirmation. */
export interface WaitingPlan {
  readonly planned: Planned;
  readonly confirmation: Confirmation;
  /** Plans the same again, to take the place of a run that is gone. */
  readonly over: () => Promise<void>;
}

/** Plans of one window that wait for their confirmation, by the id of their row in the Activity view. */
export class WaitingPlans {
  private readonly plans = new Map<string, WaitingPlan>();
  private last = 0;

  /** Keeps a plan; its id. */
  add(plan: WaitingPlan): string {
    const id = `plan-${++this.last}`;
    this.plans.set(id, plan);
    return id;
  }

  /** The plan, unless it was applied or dropped. */
  get(id: string): WaitingPlan | undefined {
    return this.plans.get(id);
  }

  /** Forgets a plan. */
  remove(id: string): void {
    this.plans.delete(id);
  }

  /** All of them, for the palette. */
  list(): { readonly id: string; readonly title: string }[] {
    return [...this.plans].map(([id, { confirmation }]) => ({ id, title: confirmation.title }));
  }
}
