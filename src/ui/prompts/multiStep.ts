import * as vscode from 'vscode';

/** What a question ends with: an answer, a step back, or nobody who wants to go on. */
export type StepAnswer<T> = { readonly value: T } | 'back' | 'gone';

/** Where a question stands in its series. */
export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** A choice among items, with a way back from the second question on. */
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

/** A text that is checked as it is typed; a wrong one is not taken. */
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

// Both kinds of input have these; the interface that they share in vscode.d.ts lacks the buttons.
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

/** One question: changes the state and goes on, or goes back. */
export type PromptStep<S> = (state: S, place: StepPlace) => Promise<StepAnswer<S>>;

/** Asks one after the other with a way back, on which answers are kept; undefined where the person left. */
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
