import type { Planned } from './cloudAccess.ts';

/** How a verb is confirmed. */
export interface Confirmation {
  /** "Create cluster kubernetes in europe-west1-b". */
  readonly title: string;
  /** Label of the confirming button, or the name to type. */
  readonly yes: { readonly button: string } | { readonly typed: string };
  /** Notes to show with the plan. */
  readonly notes?: readonly string[];
}

/** A plan waiting for confirmation. */
export interface WaitingPlan {
  readonly planned: Planned;
  readonly confirmation: Confirmation;
  /** Plans the same again, to take over from a run that is gone. */
  readonly over: () => Promise<void>;
}

/** Plans of one window that wait for confirmation, by the ID of their row in the Activity view. */
export class WaitingPlans {
  private readonly plans = new Map<string, WaitingPlan>();
  private last = 0;

  /** Stores a plan and returns its ID. */
  add(plan: WaitingPlan): string {
    const id = `plan-${++this.last}`;
    this.plans.set(id, plan);
    return id;
  }

  /** The plan, unless it was applied or dropped. */
  get(id: string): WaitingPlan | undefined {
    return this.plans.get(id);
  }

  /** Removes a plan. */
  remove(id: string): void {
    this.plans.delete(id);
  }

  /** All plans, for the palette. */
  list(): { readonly id: string; readonly title: string }[] {
    return [...this.plans].map(([id, { confirmation }]) => ({ id, title: confirmation.title }));
  }
}
