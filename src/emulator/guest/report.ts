import { OperatorError } from '../../lib/operatorError.ts';
import { printScript } from './console.ts';
import type { Guest } from './machine.ts';

// A machine without `enable-guest-attributes` cannot report there; the startup script goes on as well.
const attribute = ({ host, machine }: Guest, name: string, value: string): void => {
  try {
    host.setGuestAttribute(machine.key, 'trizone', name, value);
  } catch (error) {
    if (!OperatorError.is(error, 'permission')) throw error;
    printScript(host, machine, `TRIZONE warning=${name}-not-reported`);
  }
};

const instant = ({ host }: Guest): string => new Date(host.clock.now()).toISOString().replace(/\.\d+/, '');

/** The same report as the startup script's function `report`. */
export const reportProgress = (guest: Guest, step: string, n: number, of: number, says?: string): void => {
  const said = says === undefined ? {} : { says };
  printScript(
    guest.host,
    guest.machine,
    `TRIZONE step=${step} n=${n} of=${of}${says === undefined ? '' : ` says="${says}"`}`,
  );
  attribute(
    guest,
    'progress',
    JSON.stringify({ step, n, of, at: instant(guest), bootId: guest.machine.bootId, ...said }),
  );
};

/** The script's last words. */
export const reportError = (guest: Guest, step: string, message: string): void => {
  printScript(guest.host, guest.machine, `TRIZONE error step=${step} message="${message}"`);
  attribute(guest, 'error', JSON.stringify({ step, at: instant(guest), bootId: guest.machine.bootId, message }));
};

/** Own API server (or kubelet) answers in this boot. */
export const reportReady = (guest: Guest): void => {
  attribute(guest, 'ready', guest.machine.bootId);
  printScript(guest.host, guest.machine, `TRIZONE ready boot=${guest.machine.bootId}`);
};
