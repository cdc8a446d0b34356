import { attempt } from './commands.ts';
import { fabricNamespace, machineName } from './names.ts';

/** All traces on this computer of a lab in that folder, however it ended: one per line. */
export const traces = async (state: string): Promise<string[]> => {
  const machine = machineName(0).slice(0, -1);
  const seen = async (program: string, words: readonly string[], mark: RegExp): Promise<string[]> =>
    (await attempt(program, words)).out.split('\n').filter((line) => mark.test(line));
  return [
    ...(await seen('ip', ['netns', 'list'], new RegExp(`^(${machine}|${fabricNamespace})`))),
    ...(await seen('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], new RegExp(state))),
    ...(await seen('cat', ['/proc/mounts'], new RegExp(state))),
    ...(await seen('find', ['/sys/fs/cgroup', '-type', 'd'], new RegExp(`/${machine}`))),
    // Zombies are left to process 1 to reap, which takes a while in a container.
    ...(await seen('ps', ['-eo', 'pid,state,args,cgroup'], new RegExp(`^ *\\d+ [^Z].*(/${machine}|${state})`))),
    ...(await seen('ls', [state], /^machines$/)),
  ];
};
