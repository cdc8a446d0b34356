import * as vscode from 'vscode';
import { t } from '../localised.ts';
import type { Confirmation } from '../waitingPlans.ts';

/** What a person said to a plan. */
export type Answer = 'yes' | 'read' | 'no';

/** Asks for a confirmation, with what it is about; `readable`: whether the plan can be read first. */
export const confirm = (detail: string, c: Confirmation, readable: boolean): Promise<Answer> =>
  'typed' in c.yes ? askTyped(detail, c, c.yes.typed, readable) : askButton(detail, c, c.yes.button, readable);

const askButton = async (detail: string, c: Confirmation, button: string, readable: boolean): Promise<Answer> => {
  const read = t('Review the Plan First');
  const buttons = readable ? [button, read] : [button];
  const answer = await vscode.window.showInformationMessage(`${c.title}?`, { modal: true, detail }, ...buttons);
  return answer === button ? 'yes' : answer === read ? 'read' : 'no';
};

const askTyped = (detail: string, c: Confirmation, name: string, readable: boolean): Promise<Answer> =>
  new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    const read: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('list-tree'),
      tooltip: t('Review the Plan First'),
    };
    input.title = c.title;
    input.prompt = `${detail} ${t('Type {0} to confirm.', name)}`;
    input.placeholder = name;
    input.ignoreFocusOut = true;
    input.buttons = readable ? [read] : [];
    input.onDidChangeValue(() => (input.validationMessage = undefined));
    const end = (answer: Answer): void => {
      resolve(answer);
      input.dispose();
    };
    input.onDidTriggerButton(() => end('read'));
    input.onDidHide(() => end('no'));
    input.onDidAccept(() => {
      if (input.value.trim() === name) end('yes');
      else input.validationMessage = t('Type the cluster name: {0}', name);
    });
    input.show();
  });
