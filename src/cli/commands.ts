import { verbs } from '../verbs/registry.ts';
import { article } from './article.ts';
import { completion } from './completion.ts';
import type { Command } from './command.ts';
import { emulating } from './emulator.ts';
import { inspecting } from './inspect.ts';
import { kubeconfig } from './kubeconfig.ts';
import { kubeDown, kubeUp } from './kubeUp.ts';
import { resume, undo } from './resume.ts';
import { verbCommand } from './verbs.ts';

/** Every command of the command line. */
export const commands: readonly Command[] = [
  ...verbs.flatMap(verbCommand),
  ...inspecting,
  kubeconfig,
  resume,
  undo,
  kubeUp,
  kubeDown,
  article,
  ...emulating,
  completion,
];
