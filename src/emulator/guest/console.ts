import type { GuestHost, GuestMachine } from '../guestRuntime.ts';

const stamp = (host: GuestHost, machine: GuestMachine): string =>
  `[${((host.clock.now() - machine.startedAt) / 1000).toFixed(6).padStart(12)}]`;

/** Console output of a booting Ubuntu instance, reduced to the lines that users look for. */
export const printKernel = (host: GuestHost, machine: GuestMachine): void => {
  const at = stamp(host, machine);
  const lines = [
    `${at} Linux version 6.8.0-1041-gcp (simulated) #43-Ubuntu SMP`,
    `${at} Command line: BOOT_IMAGE=/vmlinuz-6.8.0-1041-gcp root=PARTUUID=simulated ro console=ttyS0`,
    `${at} systemd[1]: Set hostname to <${machine.name}>.`,
    `${at} systemd[1]: Reached target network-online.target - Network is Online.`,
  ];
  host.serial(machine.key, `${lines.join('\n')}\n`);
};

/** Console output at the end of a boot without further work. */
export const printLogin = (host: GuestHost, machine: GuestMachine): void =>
  host.serial(machine.key, `\nUbuntu 24.04 LTS ${machine.name} ttyS0\n\n${machine.name} login: \n`);

/** A line of the startup script, as logged by Google's script runner. */
export const printScript = (host: GuestHost, machine: GuestMachine, line: string): void =>
  host.serial(machine.key, `${stamp(host, machine)} google_metadata_script_runner[812]: startup-script: ${line}\n`);
