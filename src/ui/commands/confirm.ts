import * as vscode from 'vscode';
import { t } from '../localised.ts';
import type { Confirmation } from '../waitingPlans.ts';

/** The user's answer to a plan. */
export type Confirmed = 'yes' | 'read' | 'no';

/** Asks for a confirmation, with details; `readable`: whether the plan can be reviewed first. */
export const confirm = (detail: string, confirmation: Confirmation, readable: boolean): Promise<Confirmed> =>
  'typed' in confirmation.yes
    ? askTyped(detail, confirmation, confirmation.yes.typed, readable)
    : askButton(detail, confirmation, confirmation.yes.button, readable);

const askButton = async (
  detail: string,
  confirmation: Confirmation,
  button: string,
  readable: boolean,
): Promise<Confirmed> => {
  const read = t('Review the Plan First');
  const buttons = readable ? [button, read] : [button];
  const answer = await vscode.window.showInformationMessage(
    `${confirmation.title}?`,
    { modal: true, detail },
    ...buttons,
  );
  return answer === button ? 'yes' : answer === read ? 'read' : 'no';
};

const askTyped = (detail: string, confirmation: Confirmation, name: string, readable: boolean): Promise<Confirmed> =>
  new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    const read: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('list-tree'),
      tooltip: t('Review the Plan First'),
    };
    input.title = confirmation.title;
    input.prompt = `${detail} ${t('Type {0} to confirm.', name)}`;
    input.placeholder = name;
    input.ignoreFocusOut = true;
    input.buttons = readable ? [read] : [];
    input.onDidChangeValue(() => (input.validationMessage = undefined));
    const end = (answer: Confirmed): void => {
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
