import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newPki, packPki } from '../../../src/emulator/guest/credentials.ts';
import { wallClock } from '../../../src/lib/clock.ts';
import { systemIds } from '../../../src/lib/ids.ts';
import type { LabCloud } from '../cloud/labCloud.ts';
import type { Person } from '../scenario.ts';
import { assertSmall, small, smallGone } from './small.ts';

const master = 'kubernetes-master';

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

interface Fault {
  readonly what: string;
  /** Starts before kube-up, and may have to continue while it runs. */
  readonly strike: (cloud: LabCloud, person: Person) => Promise<void> | void;
  readonly step: string;
  /** The machine's own message. */
  readonly says: string;
  /** Whether the machine waits for a condition that may pass by itself, longer than the test does. */
  readonly waits?: boolean;
  readonly mend: (cloud: LabCloud, person: Person) => Promise<unknown> | void;
}

/** Real machines meet faults; the user reads the remedy, applies it, and resume completes the cluster. */
export const faults = async (person: Person, cloud: LabCloud): Promise<void> => {
  for (const fault of all) {
    console.log(`\n=== ${fault.what}`);
    const up = person.stopped(['kube-up', '--yes'], small, fault.waits ? waiting(fault) : undefined);
    const [said] = await Promise.all([up, fault.strike(cloud, person)]);
    await assertTold(person, fault, said);
    await fault.mend(cloud, person);
    await person.trizone(['resume', '--yes']);
    await assertSmall(person);
    cloud.check();
    await smallGone(person);
  }
};

// The machine's line, and Trizone's rendering of its report: in either order.
const waiting = ({ step, says }: Fault): RegExp => {
  const words = literally(says);
  return new RegExp(
    `(?=[^]* serial: .*TRIZONE step=${step} n=\\d+ of=\\d+ says="${words}")[^]*boot step \\d+/\\d+: ${step}: ${words}`,
  );
};

// Expects the step, the machine's last message, and the remedy; and the command named for details shows them.
const assertTold = async (person: Person, { step, says, waits }: Fault, said: string): Promise<void> => {
  if (waits) {
    assert.match(said, /To resume: trizone resume /);
    return;
  }
  const error = `TRIZONE error step=${step} message="${says}"`;
  assert.match(said, new RegExp(` serial: .*${literally(error)}`));
  const reported = `Error (boot-failed): The instance reported a failed boot: ${master}: ${step}: ${says}\n`;
  assert.ok(said.includes(reported), reported);
  const remedy =
    /Fix the cause, then run trizone resume to restart it; undo deletes it\.\n +For its console:\n +(gcloud .*)\n$/;
  const [program = '', ...words] = (remedy.exec(said)?.[1] ?? assert.fail('no remedy')).split(' ');
  assert.ok((await person.must(program, words)).includes(error), 'the command that is named shows something else');
};

const programMissing: Fault = {
  what: 'a program is missing in the image',
  strike: (cloud, person) => {
    const layer = join(person.env.TRIZONE_STATE ?? '', 'no-kubeadm');
    for (const folder of ['usr/bin', 'opt']) mkdirSync(join(layer, folder), { recursive: true });
    // overlayfs: a character device 0/0 hides the file in the layers below.
    execFileSync('mknod', [join(layer, 'usr/bin/kubeadm'), 'c', '0', '0']);
    linkSync(join(cloud.bin, 'kubeadm'), join(layer, 'opt/kubeadm'));
    cloud.broken.layers.set(master, layer);
  },
  step: 'packages',
  says: 'required program not found: kubeadm',
  mend: async (cloud) => {
    cloud.broken.layers.clear();
    const { code, err } = await cloud.machine(small.KUBE_GCE_ZONE, master).run(['cp', '/opt/kubeadm', '/usr/bin/']);
    assert.equal(code, 0, err);
  },
};

const noDisk: Fault = {
  what: 'the machine has no disk',
  strike: (cloud) => {
    cloud.broken.diskless.add(master);
  },
  step: 'disk',
  says: 'waiting for the disk: blockdev: cannot open /dev/disk/by-id/google-master-pd: No such file or directory',
  mend: (cloud) => {
    cloud.broken.diskless.clear();
  },
};

const secretManagerDown: Fault = {
  what: 'Secret Manager is down',
  strike: (cloud) => {
    cloud.broken.secretManager = true;
  },
  step: 'half-done',
  says: 'reading the join secret: secretmanager.googleapis.com answered 503: The service is currently unavailable.',
  waits: true,
  mend: (cloud) => {
    cloud.broken.secretManager = false;
  },
};

const secret = 'kubernetes-pki';

const otherAuthority: Fault = {
  what: "the secret holds another cluster's authorities",
  strike: async (cloud) => {
    const other = packPki('another', newPki(systemIds));
    while (!(await cloud.addSecretVersion(secret, other))) await wallClock.sleep(200);
  },
  step: 'pki',
  says: 'restoring the pki: the secret kubernetes-pki belongs to another cluster',
  mend: (_, person) => person.must('gcloud', ['secrets', 'delete', secret]),
};

const all: readonly Fault[] = [programMissing, noDisk, secretManagerDown, otherAuthority];
