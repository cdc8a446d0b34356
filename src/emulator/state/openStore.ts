import type { Clock } from '../../lib/clock.ts';
import { isSameFolder, isThere } from '../../lib/folder.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import { readState, StateLog } from './stateLog.ts';
import { Store } from './store.ts';

/** Location of a state, and the clock for its timestamps. */
export interface StateOptions {
  readonly clock: Clock;
  /** None = memory only. */
  readonly stateFolder?: string;
}

/** The store read from its folder, and the log that persists it. */
export const openStore = (options: StateOptions): { store: Store; log: StateLog | undefined } => {
  if (options.stateFolder === undefined) return { store: new Store(), log: undefined };
  const stored = readState(options.stateFolder);
  const log = new StateLog(options.stateFolder, stored, () => options.clock.now());
  const store = new Store(log);
  store.replay(stored.changes);
  return { store, log };
};

/**
 * Whether its state was copied from a folder that still exists: a copy is another cloud and needs another ID. If the
 * original is gone, the folder was moved. Earlier versions did not record the folder.
 */
export const isCopy = (store: Store, { stateFolder }: StateOptions): boolean => {
  const noted = store.get<string>('meta', 'folder');
  return noted !== undefined && stateFolder !== undefined && isThere(noted) && !isSameFolder(noted, stateFolder);
};

/** The project of a state: every stored link contains it, so it is fixed for the life of a state folder. */
export const keptProject = (store: Store, wanted: string | undefined): string => {
  const kept = store.get<string>('meta', 'project');
  if (kept !== undefined && wanted !== undefined && kept !== wanted) {
    throw new OperatorError('emulator', `The emulator state belongs to another project: ${kept}`, {
      remedy: 'Omit --project, or use another folder with --state.',
    });
  }
  const project = kept ?? wanted ?? 'demo';
  if (kept === undefined) store.put('meta', 'project', project);
  return project;
};
