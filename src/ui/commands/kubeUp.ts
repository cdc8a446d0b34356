import * as vscode from 'vscode';
import { readExports } from '../../model/exports.ts';
import { readKubeDown, readKubeUp, type Note } from '../../model/kubeUp.ts';
import type { App } from '../app.ts';
import { t } from '../localised.ts';
import { problemWith } from '../prompts/problem.ts';
import { carryOut } from './verb.ts';

/** Run kube-up Exports…: the article's lines, pasted; the same reading of the variables as `trizone kube-up`. */
export const runExports = async (app: App): Promise<void> => {
  const text = await vscode.window.showInputBox({
    title: t('kube-up exports'),
    prompt: t("The article's variables, with kube-up.sh or kube-down.sh behind them. Nothing is run in a shell."),
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
  const { wish, notes } = readKubeUp(env);
  const title = t('Create cluster {0} in {1}', wish.name ?? 'kubernetes', wish.zone);
  await carryOut(app, { do: 'up', wish }, { title, yes: { button: t('Create') }, notes: notes.map(noteText) });
};

const down = async (app: App, env: Readonly<Record<string, string>>): Promise<void> => {
  const asked = readKubeDown(env);
  const desk = await app.desk();
  const decision = await desk.kubeDown(await app.connect(), asked);
  if (decision.do === 'nothing') {
    void vscode.window.showInformationMessage(decision.why);
    return;
  }
  const title = t('Tear down cluster {0}', asked.cluster);
  const manner = { title, yes: { typed: asked.cluster }, notes: asked.notes.map(noteText) };
  await carryOut(app, { do: 'down', cluster: asked.cluster }, manner);
};
