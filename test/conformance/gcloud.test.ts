import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { emulatorEnvironment } from '../../src/emulator/environment.ts';
import { ensureSchema } from '../../src/emulator/schema/generate.cjs';
import { scaledClock } from '../../src/lib/clock.ts';
import { systemIds } from '../../src/lib/ids.ts';
import { InertGuests } from '../support/emulatedCloud.ts';

// Checks the emulator with real gcloud: it decodes answers with classes generated from Google's own discovery document.

const timeScale = 0.002;
let emulator: Emulator;
let guests: InertGuests | undefined;
let environment: Record<string, string>;
let folder: string;

before(async () => {
  ensureSchema();
  folder = mkdtempSync(join(tmpdir(), 'gcloud-'));
  mkdirSync(join(folder, 'gcloud'));
  emulator = createEmulator({
    clock: scaledClock(timeScale),
    ids: systemIds,
    timeScale,
    guests: (host) => (guests = new InertGuests(host)),
  });
  const { port, endpoint } = await emulator.listen();
  writeFileSync(join(folder, 'token'), emulator.secret);
  const entry = { endpoint, port, pid: process.pid, state: folder, project: 'demo', timeScale, startedAt: 0 };
  environment = { PATH: process.env.PATH ?? '', HOME: folder, ...emulatorEnvironment(entry) };
});

after(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Result {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

const gcloud = (line: string, input = ''): Promise<Result> =>
  new Promise((resolve, reject) => {
    const child = execFile('gcloud', line.split(' '), { env: environment }, (error, out, err) => {
      if (error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT') {
        reject(new Error('gcloud is missing: the conformance tier needs the Google Cloud CLI', { cause: error }));
        return;
      }
      resolve({ out: out.trim(), err: err.trim(), code: error === null ? 0 : Number(error.code) });
    });
    child.stdin?.end(input);
  });

/** One row: the command, its expected output (in either stream), and its input. */
type Row = readonly [line: string, prints: RegExp, input?: string];

const pass = (name: string, rows: readonly Row[]): void => {
  test(name, async (t) => {
    for (const [line, prints, input] of rows) {
      await t.test(`gcloud ${line}`, async () => {
        const { out, err, code } = await gcloud(line, input);
        assert.equal(code, 0, `${out}\n${err}`);
        assert.match(`${out}\n${err}`, prints);
      });
    }
  });
};

const refuse = (name: string, rows: readonly Row[]): void => {
  test(name, async (t) => {
    for (const [line, prints] of rows) {
      await t.test(`gcloud ${line}`, async () => {
        const { err, code } = await gcloud(line);
        assert.equal(code, 1, err);
        assert.match(err, prints);
      });
    }
  });
};

const account = 'tz-p-cp@demo.iam.gserviceaccount.com';
const ubuntu = '--image-family=ubuntu-2404-lts-amd64 --image-project=ubuntu-os-cloud';

pass('what the platform is made of', [
  [
    'compute zones list --filter=region:europe-west1 --format=value(name)',
    /^europe-west1-b\neurope-west1-c\neurope-west1-d\n/,
  ],
  ['compute regions describe europe-west1 --format=value(status)', /^UP/],
  ['compute machine-types describe e2-standard-2 --format=value(guestCpus,memoryMb)', /^2\s+8192/],
  ['compute images describe-from-family debian-12 --project=debian-cloud --format=value(family)', /^debian-12/],
  ['compute project-info describe --format=value(name)', /^demo/],
  ['projects describe demo --format=value(projectId)', /^demo/],
  ['services list --enabled --format=value(config.name)', /compute\.googleapis\.com/],
  ['compute networks list --format=value(name)', /^default/],
]);

pass('networks, subnetworks, firewalls, addresses', [
  ['compute networks create net --subnet-mode=custom', /Created \[/],
  [
    'compute networks subnets create sub --network=net --region=europe-west1 --range=10.10.0.0/20 --secondary-range=pods=10.64.0.0/14',
    /Created \[/,
  ],
  [
    'compute networks subnets describe sub --region=europe-west1 --format=value(secondaryIpRanges[0].ipCidrRange)',
    /10\.64\.0\.0\/14/,
  ],
  ['compute routes list --filter=network:net --format=value(destRange)', /0\.0\.0\.0\/0/],
  [
    'compute firewall-rules create https --network=net --allow=tcp:443 --source-ranges=0.0.0.0/0,35.191.0.0/16 --target-tags=m',
    /Created \[/,
  ],
  ['compute firewall-rules update https --description=changed', /Updated \[/],
  ['compute firewall-rules describe https --format=value(description,allowed[0].ports[0])', /^changed\s+443/],
  ['compute addresses create ip --region=europe-west1', /Created \[/],
  ['compute addresses create int --region=europe-west1 --subnet=sub', /Created \[/],
  ['compute addresses list --format=value(name,status)', /int\s+RESERVED\nip\s+RESERVED|ip\s+RESERVED\nint\s+RESERVED/],
]);

pass('service accounts, policies and secrets', [
  ['iam service-accounts create tz-p-cp --display-name=masters', /Created service account \[tz-p-cp\]/],
  ['iam service-accounts list --format=value(email)', /tz-p-cp@demo/],
  [
    `projects add-iam-policy-binding demo --member=serviceAccount:${account} --role=roles/compute.viewer`,
    /roles\/compute\.viewer/,
  ],
  ['projects get-iam-policy demo --format=value(bindings[0].members[0])', /tz-p-cp@demo/],
  ['secrets create p-join --labels=a=b --replication-policy=automatic', /Created secret \[p-join\]/],
  ['secrets versions add p-join --data-file=-', /Created version \[1\]/, 'the secret'],
  ['secrets versions access latest --secret=p-join', /^the secret/],
  [
    `secrets add-iam-policy-binding p-join --member=serviceAccount:${account} --role=roles/secretmanager.secretAccessor`,
    /secretAccessor/,
  ],
  ['secrets versions destroy 1 --secret=p-join', /Destroyed version \[1\]/],
  ['secrets list --format=value(name)', /^p-join/],
  ['secrets delete p-join', /Deleted secret \[p-join\]/],
]);

pass('disks and machines', [
  ['compute disks create m1-pd --size=20 --type=pd-ssd --labels=role=etcd', /Created \[/],
  ['compute disks add-labels m1-pd --labels=more=yes', /./],
  ['compute disks describe m1-pd --format=value(sizeGb,labels.more)', /^20\s+yes/],
  [
    `compute instances create m1 --subnet=sub --private-network-ip=int --tags=m --machine-type=e2-standard-2 ${ubuntu} --disk=name=m1-pd,device-name=master-pd --service-account=${account} --scopes=cloud-platform --metadata=enable-guest-attributes=TRUE --labels=role=master`,
    /RUNNING/,
  ],
  ['compute instances create n1 n2 --subnet=sub --no-address', /n1 .*RUNNING[\s\S]*n2 .*RUNNING/],
  [
    'compute instances list --filter=labels.role=master --format=value(name,networkInterfaces[0].networkIP)',
    /^m1\s+10\.10\.0\.2/,
  ],
  ['compute addresses list --filter=name=int --format=value(status)', /^IN_USE/],
  ['compute instances add-labels m1 --labels=more=yes', /Updat/],
  ['compute instances add-metadata m1 --metadata=k=v', /Updated \[/],
  ['compute instances add-tags m1 --tags=x', /Updated \[/],
  ['compute instances describe m1 --format=value(labels.more,tags.items)', /^yes\s+m;x|^yes\s+\['m', 'x'\]/],
  ['compute instances get-serial-port-output m1', /m1 login:/],
  ['compute instances stop n1 n2', /Updated \[.*n1\][\s\S]*Updated \[.*n2\]/],
  ['compute instances start n1', /Updated \[/],
  ['compute instances reset n1', /Updated \[/],
  ['compute instances update n1 --deletion-protection', /deletion protection/],
]);

refuse('what Google refuses is refused in its words', [
  [
    'compute networks create net --subnet-mode=custom',
    /The resource 'projects\/demo\/global\/networks\/net' already exists/,
  ],
  [
    'compute networks delete net',
    /The network resource 'projects\/demo\/global\/networks\/net' is already being used by/,
  ],
  ['compute instances delete n1', /protected against deletion/],
  [
    'compute instances describe none',
    /The resource 'projects\/demo\/zones\/europe-west1-b\/instances\/none' was not found/,
  ],
  ['compute disks delete m1-pd', /is already being used by/],
  ['compute disks create Bad', /Must be a match of regex/],
]);

test('a stock-out is printed with the zones to try', async () => {
  emulator.faults.set([
    { match: { kind: 'instances', verb: 'insert' }, fault: { type: 'stockOut', zonesAvailable: ['europe-west1-d'] } },
  ]);
  const { err, code } = await gcloud('compute instances create out --subnet=sub');
  assert.equal(code, 1);
  assert.match(err, /does not have enough resources\s+available/);
  assert.match(err, /europe-west1-d/);
});

pass('load balancer', [
  ['compute instance-groups unmanaged create masters', /Created \[/],
  ['compute instance-groups unmanaged add-instances masters --instances=m1', /Updated \[/],
  ['compute instance-groups unmanaged list-instances masters --format=value(NAME,STATUS)', /^m1\s+RUNNING/],
  ['compute health-checks create https hc --region=europe-west1 --port=443 --request-path=/readyz', /Created \[/],
  [
    'compute backend-services create bs --region=europe-west1 --load-balancing-scheme=external --protocol=tcp --health-checks=hc --health-checks-region=europe-west1',
    /Created \[/,
  ],
  [
    'compute backend-services add-backend bs --region=europe-west1 --instance-group=masters --instance-group-zone=europe-west1-b',
    /Updated \[/,
  ],
  [
    'compute forwarding-rules create fr --region=europe-west1 --address=ip --backend-service=bs --ports=443 --load-balancing-scheme=external',
    /Created \[/,
  ],
  ['compute forwarding-rules list --format=value(name)', /^fr/],
  [
    'compute backend-services get-health bs --region=europe-west1 --format=value(status.healthStatus[0].healthState)',
    /HEALTHY/,
  ],
]);

test('a machine that answers its health check is shown as HEALTHY', async () => {
  guests?.healthy.add('m1');
  const ask =
    'compute backend-services get-health bs --region=europe-west1 --format=value(status.healthStatus[0].healthState)';
  for (;;) {
    const { out } = await gcloud(ask);
    if (out === 'HEALTHY') return;
    assert.equal(out, 'UNHEALTHY');
  }
});

pass('templates and managed groups', [
  ['compute instance-templates create t --machine-type=e2-small --subnet=sub --region=europe-west1', /Created \[/],
  [
    'compute instance-templates create s --machine-type=e2-small --boot-disk-type=pd-ssd --boot-disk-size=200GB --provisioning-model=SPOT --instance-termination-action=DELETE --subnet=sub --region=europe-west1 --tags=n',
    /Created \[/,
  ],
  [
    'compute instance-templates describe s --format=value(properties.disks[0].initializeParams.diskSizeGb,properties.scheduling.provisioningModel,properties.tags.items[0])',
    /^200\s+SPOT\s+n/,
  ],
  ['compute instance-groups managed create pool --template=t --size=3', /Created \[/],
  ['compute instance-groups managed wait-until pool --stable', /Group is stable/],
  [
    'compute instance-groups managed list-instances pool --format=value(NAME,STATUS,ACTION)',
    /(pool-\w{4}\s+RUNNING\s+NONE\n){3}/,
  ],
  ['compute instance-groups managed resize pool --size=1', /targetSize: 1/],
  ['compute instance-groups managed list --format=value(name)', /^pool/],
  ['compute instance-groups list --format=value(name)', /masters\npool|pool\nmasters/],
  ['compute instance-groups managed delete pool', /Deleted \[/],
]);

pass('and all of it can be taken down again', [
  ['compute forwarding-rules delete fr --region=europe-west1', /Deleted \[/],
  ['compute backend-services delete bs --region=europe-west1', /Deleted \[/],
  ['compute health-checks delete hc --region=europe-west1', /Deleted \[/],
  ['compute instance-groups unmanaged delete masters', /Deleted \[/],
  ['compute instances update n1 --no-deletion-protection', /deletion protection/],
  ['compute instances delete m1 n1 n2', /Deleted \[.*m1\][\s\S]*Deleted \[.*n1\][\s\S]*Deleted \[.*n2\]/],
  ['compute disks delete m1-pd', /Deleted \[/],
  ['compute addresses delete ip int --region=europe-west1', /Deleted \[.*ip\][\s\S]*Deleted \[.*int\]/],
  ['compute firewall-rules delete https', /Deleted \[/],
  ['compute networks subnets delete sub --region=europe-west1', /Deleted \[/],
  ['compute instance-templates delete t s', /Deleted \[/],
  ['compute networks delete net', /Deleted \[/],
  [`iam service-accounts delete ${account}`, /deleted service account/],
  ['compute operations list --limit=1', /operation-/],
]);
