import { OperatorError } from '../../lib/operatorError.ts';
import { printScript } from './console.ts';
import type { Guest } from './machine.ts';

// A machine without `enable-guest-attributes` cannot report this way; like the startup script, it continues.
const attribute = ({ host, machine }: Guest, name: string, value: string): void => {
  try {
    host.setGuestAttribute(machine.key, 'trizone', name, value);
  } catch (error) {
    if (!OperatorError.is(error, 'permission')) throw error;
    printScript(host, machine, `TRIZONE warning=${name}-not-reported`);
  }
};

const instant = ({ host }: Guest): string => new Date(host.clock.now()).toISOString().replace(/\.\d+/, '');

/** Same as the startup script's function `report`. */
export const reportProgress = (guest: Guest, step: string, number: number, of: number, message?: string): void => {
  const detail = message === undefined ? {} : { says: message };
  printScript(
    guest.host,
    guest.machine,
    `TRIZONE step=${step} n=${number} of=${of}${message === undefined ? '' : ` says="${message}"`}`,
  );
  attribute(
    guest,
    'progress',
    JSON.stringify({ step, n: number, of, at: instant(guest), bootId: guest.machine.bootId, ...detail }),
  );
};

/** The script's final error line. */
export const reportError = (guest: Guest, step: string, message: string): void => {
  printScript(guest.host, guest.machine, `TRIZONE error step=${step} message="${message}"`);
  attribute(guest, 'error', JSON.stringify({ step, at: instant(guest), bootId: guest.machine.bootId, message }));
};

/** Reports that the machine's API server (or kubelet) answers in this boot. */
export const reportReady = (guest: Guest): void => {
  attribute(guest, 'ready', guest.machine.bootId);
  printScript(guest.host, guest.machine, `TRIZONE ready boot=${guest.machine.bootId}`);
};
