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
  const { do: what, wish, replica, notes: found } = readKubeUp(env);
  const notes = found.map(noteText);
  const cluster = wish.name ?? 'kubernetes';
  const { zone, nodes, machineType, nodeDisk: disk, spot } = wish;
  if (what === 'create') {
    const title = t('Create cluster {0} in {1}', cluster, zone);
    await carryOut(app, { do: 'up', wish }, { title, yes: { button: t('Create') }, notes });
  } else if (what === 'pool') {
    const manner = { title: t('Add node pool to {0} in {1}', cluster, zone), yes: { button: t('Add') }, notes };
    await carryOut(app, { do: 'pool-add', wish: { cluster, zone, nodes, machineType, disk, spot } }, manner);
  } else {
    const manner = {
      title: t('Replicate master of {0} to {1}', cluster, zone),
      yes: { button: t('Replicate') },
      notes,
    };
    await carryOut(app, { do: 'replicate', wish: { cluster, zone, name: replica } }, manner);
  }
};

const down = async (app: App, env: Readonly<Record<string, string>>): Promise<void> => {
  const asked = readKubeDown(env);
  const desk = await app.desk();
  const decision = await desk.kubeDown(await app.connect(), asked);
  const { cluster, zone } = asked;
  if (decision.do === 'nothing') {
    void vscode.window.showInformationMessage(decision.why);
    return;
  }
  const notes = asked.notes.map(noteText);
  if (decision.do === 'tearDown') {
    const manner = { title: t('Tear down cluster {0}', cluster), yes: { typed: cluster }, notes };
    await carryOut(app, { do: 'down', cluster }, manner);
    return;
  }
  const says = [...(decision.says === '' ? [] : [decision.says]), ...notes];
  const yes = { button: t('Remove') };
  if (decision.do === 'removeMaster') {
    const title = t('Remove master {0} of {1}', decision.name, cluster);
    await carryOut(app, { do: 'master-remove', wish: { cluster, name: decision.name } }, { title, yes, notes: says });
    return;
  }
  const { pools, masters } = decision;
  const title = t('Remove what {0} has in {1}', cluster, zone);
  await carryOut(app, { do: 'zone-remove', wish: { cluster, zone, pools, masters } }, { title, yes, notes: says });
};
