import { english } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Step } from './step.ts';

/** What a step was at, kept for the moment in which its time is over: "took too long" alone helps nobody. */
export class LastWords {
  private readonly step: Pick<Step<never, never>, 'id' | 'title' | 'ifLate'>;
  private readonly deadlineMs: number;
  private error: OperatorError | undefined;
  private text: string | undefined;

  constructor(step: Pick<Step<never, never>, 'id' | 'title' | 'ifLate'>, deadlineMs: number) {
    this.step = step;
    this.deadlineMs = deadlineMs;
  }

  /** The attempt failed with this and will be repeated. */
  failed(error: OperatorError): void {
    this.error = error;
    this.text = undefined;
  }

  /** What it asked for was accepted; the last failure is history. */
  accepted(): void {
    this.error = undefined;
  }

  /** It goes on, and this is what it says. */
  record(text: string): void {
    this.error = undefined;
    this.text = text;
  }

  /** The error of a step whose deadline has passed: what it kept failing with, or that it is late and what it last said. */
  late(): OperatorError {
    const seconds = Math.round(this.deadlineMs / 1000);
    const { step, error, text } = this;
    if (error !== undefined) {
      return new OperatorError(error.code, `${error.message} (retried for ${seconds} s: ${english(step.title)})`, {
        cause: error,
        step: step.id,
        retry: 'later',
        outcomeUnknown: error.outcomeUnknown,
        zonesAvailable: error.zonesAvailable,
        remedy: error.remedies,
      });
    }
    return new OperatorError(
      'timeout',
      `Timed out after ${seconds} s: ${english(step.title)}${text === undefined ? '' : `; last status: ${text}`}`,
      {
        step: step.id,
        remedy:
          step.ifLate ?? toRun('The operation may still be in progress. To keep waiting', command`trizone resume`),
        outcomeUnknown: true,
      },
    );
  }
}
