import * as vscode from 'vscode';
import { ownKubeconfig } from '../kube/ownFile.ts';
import { stateFolder } from '../lib/stateFolder.ts';

/** Section of all settings. */
export const section = 'trizone';

/** The settings as the extension uses them; few enough to be read on every use. */
export const settings = () => {
  const c = vscode.workspace.getConfiguration(section);
  return {
    cloud: c.get<'google' | 'emulator'>('cloud', 'google'),
    project: c.get<string>('google.project', ''),
    credentialsFile: c.get<string>('google.credentialsFile', ''),
    timeScale: c.get('emulator.timeScale', 0.02),
    zone: c.get('create.zone', 'europe-west1-b'),
    nodes: c.get('create.nodes', 3),
    machineType: c.get('create.machineType', 'e2-standard-2'),
    /** Wall milliseconds. */
    refreshMs: c.get('refresh.seconds', 15) * 1000,
    kubeconfigFile: c.get<string>('kubeconfig.file', '') || ownKubeconfig(process.env),
    folder: c.get<string>('stateFolder', '') || stateFolder(process.env),
  };
};

/** Changes a setting in the user's settings. */
export const change = async (name: 'cloud' | 'google.project', value: string): Promise<void> => {
  await vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
};
