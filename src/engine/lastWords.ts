import { english } from '../lib/message.ts';
import { OperatorError } from '../lib/operatorError.ts';
import { command, toRun } from '../lib/remedy.ts';
import type { Step } from './step.ts';

/** What a step was last doing, for the error at its deadline: "took too long" alone is no help. */
export class LastWords {
  private readonly step: Pick<Step<never, never>, 'id' | 'title' | 'ifLate'>;
  private readonly deadlineMs: number;
  private error: OperatorError | undefined;
  private text: string | undefined;

  constructor(step: Pick<Step<never, never>, 'id' | 'title' | 'ifLate'>, deadlineMs: number) {
    this.step = step;
    this.deadlineMs = deadlineMs;
  }

  /** The attempt failed with this error and will be retried. */
  failed(error: OperatorError): void {
    this.error = error;
    this.text = undefined;
  }

  /** A request was accepted; the last failure no longer matters. */
  accepted(): void {
    this.error = undefined;
  }

  /** The step makes progress and reports this. */
  record(text: string): void {
    this.error = undefined;
    this.text = text;
  }

  /** The error of a step past its deadline: its recurring failure, or that it is late plus its last progress text. */
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
