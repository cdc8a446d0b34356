import * as vscode from 'vscode';

/** Result of a prompt: an answer, a step back, or dismissed. */
export type StepAnswer<T> = { readonly value: T } | 'back' | 'gone';

/** Position of a prompt in its series. */
export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** A quick pick, with Back from the second prompt on. */
export const choose = <I extends vscode.QuickPickItem>(
  place: StepPlace,
  placeholder: string,
  items: readonly I[],
  active: (i: I) => boolean,
): Promise<StepAnswer<I>> => {
  const pick = vscode.window.createQuickPick<I>();
  pick.items = items;
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.activeItems = items.filter(active).slice(0, 1);
  return asked(pick, place, (end) => {
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen !== undefined) end({ value: chosen });
    });
  });
};

/** An input box that validates while typing; an invalid value is not accepted. */
export const type = (
  place: StepPlace,
  prompt: string,
  value: string,
  problem: (typed: string) => string | undefined,
): Promise<StepAnswer<string>> => {
  const input = vscode.window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  return asked(input, place, (end) => {
    input.onDidChangeValue((typed) => (input.validationMessage = problem(typed.trim())));
    input.onDidAccept(() => {
      const typed = input.value.trim();
      input.validationMessage = problem(typed);
      if (input.validationMessage === undefined) end({ value: typed });
    });
  });
};

// Both kinds of input have these; their common interface in vscode.d.ts lacks the buttons.
type Asking = vscode.QuickInput & Pick<vscode.InputBox, 'buttons' | 'onDidTriggerButton'>;

const asked = <T>(
  input: Asking,
  place: StepPlace,
  listen: (end: (answer: StepAnswer<T>) => void) => void,
): Promise<StepAnswer<T>> =>
  new Promise((resolve) => {
    Object.assign(input, place);
    input.ignoreFocusOut = true;
    input.buttons = place.step > 1 ? [vscode.QuickInputButtons.Back] : [];
    const end = (answer: StepAnswer<T>): void => {
      resolve(answer);
      input.dispose();
    };
    input.onDidTriggerButton(() => end('back'));
    input.onDidHide(() => end('gone'));
    listen(end);
    input.show();
  });

/** One prompt: updates the state and continues, or goes back. */
export type PromptStep<S> = (state: S, place: StepPlace) => Promise<StepAnswer<S>>;

/** Shows prompts one after the other with Back, which keeps the answers; undefined if dismissed. */
export const askAll = async <S>(
  title: string,
  first: S,
  questions: readonly PromptStep<S>[],
): Promise<S | undefined> => {
  let state = first;
  for (let at = 0; at < questions.length;) {
    const answer = await questions[at]?.(state, { title, step: at + 1, totalSteps: questions.length });
    if (answer === undefined || answer === 'gone') return undefined;
    if (answer === 'back') at--;
    else {
      state = answer.value;
      at++;
    }
    if (at < 0) return undefined;
  }
  return state;
};
