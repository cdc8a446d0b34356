import { homedir } from 'node:os';
import { join } from 'node:path';
import { checkFolder } from './folder.ts';

/**
 * The folder shared by the editor and the command line, so that their leases exclude each other: `$TRIZONE_STATE`,
 * otherwise the platform's location for state (XDG base directories on Linux).
 */
export const stateFolder = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string => {
  if (env.TRIZONE_STATE) return env.TRIZONE_STATE;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'trizone');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'trizone');
  return join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'trizone');
};

/** Rejects an unusable state folder before anything is done that would have to be recorded there. */
export const checkStateFolder = (path: string): void =>
  checkFolder('The state folder', path, 'Set TRIZONE_STATE (for the emulator, --state) to a folder that you own.');
