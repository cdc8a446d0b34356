import type { Role } from './config.ts';
import { cloudTool } from './parts/cloudTool.ts';
import { masterFunctions } from './parts/masters.ts';
import { joinFunctions } from './parts/nodes.ts';
import { prelude } from './parts/prelude.ts';
import { bootSteps, stepsOf } from './steps.ts';

const roles: readonly Role[] = ['first', 'replica', 'node'];

const opening = `#!/bin/bash
# Start of a machine of a Trizone cluster, at every power-on. The same text for every machine: what differs comes as data in
# the metadata items trizone-config, trizone-kubeadm and trizone-addons. It holds no secret.
set -Eeuo pipefail
umask 077
`;

const beginning = String.raw`
patiently 300 'reading the configuration' tool setup
role=$(cfg role)
uid=$(cfg uid)
own_ip=$(tool metadata instance/network-interfaces/0/ip)
name=$(tool metadata instance/name)
readonly role uid own_ip name
`;

const ending = String.raw`
of=$#
for step in "$@"; do
  n=$((n + 1))
  report ''
  "step_$step"
done
step='done'
report ''
`;

/**
 * The startup script of all three roles (Compute Engine runs it as root at every boot). A constant: it takes no
 * argument, so no user input can get into it. Google limits a metadata value to 256 KiB.
 */
export const startupScript = (): string =>
  [
    opening,
    prelude,
    masterFunctions,
    joinFunctions,
    ...bootSteps.map((s) => `\n# ${s.title}.\nstep_${s.id}() {${s.script}}\n`),
    `\ninstall_file "$lib/cloud" 0700 <<'PY'\n${cloudTool}PY\n`,
    beginning,
    `\ncase "$role" in\n${roles.map((r) => `  ${r}) set -- ${idsOf(r)} ;;\n`).join('')}esac\n`,
    ending,
  ].join('');

const idsOf = (role: Role): string =>
  stepsOf(role)
    .map((s) => s.id)
    .join(' ');
