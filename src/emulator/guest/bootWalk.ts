import { stepsOf, type BootStep } from '../../boot/steps.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import { randomBelow, type Ids } from '../../lib/ids.ts';
import { hasJoined, loadMachine } from './documents.ts';
import { noteMachine } from './joining.ts';
import { applyEffect, patience } from './effects.ts';
import type { Guest } from './machine.ts';
import { reportError, reportProgress } from './report.ts';

/** Position in the boot steps; stored in the machine's own events, so that it survives a restart of the emulator. */
export interface WalkAt {
  /** Index among the steps of the role. */
  readonly n: number;
  /** Cluster time at which the step began to wait. */
  readonly waiting?: number;
  readonly message?: string;
}

const retryMs = 5000;

/** Begins a step: reports it and schedules its end. After the last step the machine is done. */
export const beginStep = (guest: Guest, index: number): void => {
  const steps = stepsOf(guest.config.role);
  const step = steps[index];
  if (step === undefined) {
    reportProgress(guest, 'done', steps.length, steps.length);
    noteMachine(guest, { installed: true });
    return;
  }
  reportProgress(guest, step.id, index + 1, steps.length);
  schedule(guest, stepMs(guest.host.ids, isDone(guest, step) ? step.againSeconds : step.expectedSeconds), { n: index });
};

/** Ends a step: applies its effect, then continues, waits, or gives up. */
export const endStep = (guest: Guest, at: WalkAt): void => {
  const steps = stepsOf(guest.config.role);
  const step = steps[at.n];
  if (step === undefined) return;
  try {
    const fault = guest.host.fault(guest.machine.key, step.id);
    if (fault !== undefined && 'hangs' in fault) return;
    if (fault !== undefined) throw new OperatorError('boot-failed', fault.fails);
    const wanted = applyEffect(step.effect, guest);
    if (wanted !== undefined) wait(guest, at, wanted);
    else beginStep(guest, at.n + 1);
  } catch (error) {
    if (!OperatorError.is(error)) throw error;
    reportError(guest, step.id, error.message);
  }
};

// Software is on the boot disk; all other steps are done once the machine has joined.
const isDone = ({ host, machine }: Guest, step: BootStep): boolean =>
  step.effect === 'none' ? loadMachine(host, machine.key)?.installed === true : hasJoined(host, machine);

const wait = (guest: Guest, at: WalkAt, wanted: string): void => {
  const steps = stepsOf(guest.config.role);
  const step = steps[at.n];
  if (step === undefined) return;
  const now = guest.host.clock.now();
  const since = at.waiting ?? now;
  if (now - since >= patience(step.effect, guest.config.role) * 1000) throw new OperatorError('boot-failed', wanted);
  if (at.message !== wanted) reportProgress(guest, step.id, at.n + 1, steps.length, wanted);
  schedule(guest, retryMs, { n: at.n, waiting: since, message: wanted });
};

const schedule = ({ host, machine }: Guest, ms: number, at: WalkAt): void => host.schedule(machine.key, ms, 'step', at);

/** Milliseconds of a step with this nominal duration. Machines differ in speed: 90 to 120 % of the nominal value. */
export const stepMs = (ids: Ids, seconds: number): number => seconds * (900 + randomBelow(ids, 300));
