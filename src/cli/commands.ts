import { verbs } from '../verbs/registry.ts';
import { articleCommand } from './article.ts';
import { completion } from './completion.ts';
import type { Command } from './command.ts';
import { emulating } from './emulator.ts';
import { inspecting } from './inspect.ts';
import { kubeconfigCommand } from './kubeconfig.ts';
import { kubeDownCommand, kubeUp } from './kubeUp.ts';
import { resume, undoCommand } from './resume.ts';
import { verbCommand } from './verbs.ts';

/** Every command of the command line. */
export const cliCommands: readonly Command[] = [
  ...verbs.flatMap(verbCommand),
  ...inspecting,
  kubeconfigCommand,
  resume,
  undoCommand,
  kubeUp,
  kubeDownCommand,
  articleCommand,
  ...emulating,
  completion,
];
