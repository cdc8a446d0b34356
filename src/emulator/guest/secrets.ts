import { OperatorError } from '../../lib/operatorError.ts';
import { isAdminFresh, isJoinFresh, newAdmin, newJoin, readJoin } from './credentials.ts';
import { loadFromDisk, masterDisk } from './documents.ts';
import type { Guest } from './machine.ts';
import { failed, type BootOutcome } from './outcome.ts';

/** The secret's payload; a missing secret counts as "no version yet", as in the startup script. */
export const secretOf = ({ host, machine }: Guest, id: string): string | undefined => {
  try {
    return host.secretPayload(machine.key, id);
  } catch (error) {
    if (OperatorError.is(error, 'not-found')) return undefined;
    throw error;
  }
};

/** Adds a version and reads it back, as the startup script does. */
export const addSecret = ({ host, machine }: Guest, id: string, payload: string): void => {
  host.addSecretVersion(machine.key, id, payload);
  if (host.secretPayload(machine.key, id) !== payload)
    throw failed(`the secret does not contain the value just written: ${id}`);
};

/** Renews the join secret and the admin credentials after half their lifetime (masters' timer of the startup script). */
export const publish = (guest: Guest): BootOutcome => {
  const { host, machine, config } = guest;
  const disk = masterDisk(machine);
  const pki = disk === undefined ? undefined : loadFromDisk(host, disk, 'pki');
  if (pki === undefined) throw failed('the CA files are missing from the disk');
  const join = secretOf(guest, config.secrets.join);
  if (join === undefined || !isJoinFresh(readJoin(join, config))) {
    addSecret(guest, config.secrets.join, newJoin(host.ids, config, pki));
    host.destroyOldVersions(machine.key, config.secrets.join, 2);
  }
  const admin = secretOf(guest, config.secrets.admin);
  if (admin === undefined || !isAdminFresh(admin, pki)) {
    addSecret(guest, config.secrets.admin, newAdmin(host.ids, config, pki));
    host.destroyOldVersions(machine.key, config.secrets.admin, 2);
  }
  return undefined;
};
