import * as vscode from 'vscode';
import { readExports } from '../../model/exports.ts';
import { readKubeDown, readKubeUp, type Note } from '../../model/kubeUp.ts';
import { kubeDownAsks, kubeUpAsks, type VerbRequest } from '../../verbs/kubeRequests.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { problemWith } from '../prompts/problem.ts';
import { carryOutVerb } from './offered.ts';

/** Run kube-up Exports…: the article's lines, pasted; parses the variables like `trizone kube-up`. */
export const runExports = async (app: App): Promise<void> => {
  const text = await vscode.window.showInputBox({
    title: t('kube-up exports'),
    prompt: t("The article's variables, followed by kube-up.sh or kube-down.sh. Nothing runs in a shell."),
    placeHolder: 'KUBERNETES_PROVIDER=gce NUM_NODES=3 KUBE_GCE_ZONE=europe-west1-b ./cluster/kube-up.sh',
    ignoreFocusOut: true,
    validateInput: (value) => (value === '' ? undefined : problemWith(() => read(value))),
  });
  if (!text) return;
  const asked = read(text);
  await (asked.script === 'kube-up' ? up(app, asked.env) : down(app, asked.env));
};

const read = (text: string): ReturnType<typeof readExports> => {
  const pasted = readExports(text);
  if (pasted.script === 'kube-up') readKubeUp(pasted.env);
  else readKubeDown(pasted.env);
  return pasted;
};

const noteText = (n: Note): string => `${n.name}: ${n.reason}`;

const up = async (app: App, env: Readonly<Record<string, string>>): Promise<void> => {
  const asked = readKubeUp(env);
  await carryOut(app, kubeUpAsks(asked), asked.notes.map(noteText));
};

const down = async (app: App, env: Readonly<Record<string, string>>): Promise<void> => {
  const asked = readKubeDown(env);
  const access = await app.cloudAccess();
  const decision = await access.kubeDownPlan(await app.connect(), asked);
  if (decision.do === 'nothing') {
    void vscode.window.showInformationMessage(decision.why);
    return;
  }
  const notes = decision.do === 'tearDown' || decision.note === '' ? [] : [decision.note];
  await carryOut(app, kubeDownAsks(decision, asked), [...notes, ...asked.notes.map(noteText)]);
};

const carryOut = async (app: App, { verb, request }: VerbRequest, notes: readonly string[]): Promise<void> =>
  carryOutVerb(app, (await app.cloudAccess()).verbNamed(verb), request, notes);
