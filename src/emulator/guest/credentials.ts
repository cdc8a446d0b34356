import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { parse, stringify } from 'yaml';
import type { BootConfig } from '../../boot/config.ts';
import { wallClock } from '../../lib/clock.ts';
import { randomText, type Ids } from '../../lib/ids.ts';
import { OperatorError } from '../../lib/operatorError.ts';
import { issue, publicKeyHash, type KeyPair } from './certificates.ts';
import type { PkiFiles } from './documents.ts';

const tenYears = 10 * 365 * 24;

/** The cluster's CAs and the service account key pair, under kubeadm's file names. */
export const newPki = (ids: Ids): PkiFiles => {
  const authority = (path: string, commonName: string): PkiFiles => {
    const made = issue(ids, { commonName, hours: tenYears, use: 'authority' });
    return { [`${path}.crt`]: made.certificate, [`${path}.key`]: made.key };
  };
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ...authority('ca', 'kubernetes'),
    ...authority('front-proxy-ca', 'front-proxy-ca'),
    ...authority('etcd/ca', 'etcd-ca'),
    'sa.key': accounts.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'sa.pub': accounts.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};

/** The cluster CA from the bundle. */
export const authorityOf = (pki: PkiFiles): KeyPair => ({ certificate: pki['ca.crt'] ?? '', key: pki['ca.key'] ?? '' });

const ownSchema = v.object({ trizone: v.literal(1), uid: v.string() });
const pkiSchema = v.object({ ...ownSchema.entries, files: v.record(v.string(), v.string()) });
const joinSchema = v.object({
  ...ownSchema.entries,
  endpoint: v.string(),
  token: v.string(),
  caCertHash: v.string(),
  ca: v.string(),
  expires: v.pipe(v.string(), v.isoTimestamp()),
});

/** What a machine needs to join: payload of the secret `P-join`, in the startup script's format. */
export type JoinSecret = v.InferOutput<typeof joinSchema>;

const read = <T extends { uid: string }>(
  schema: v.GenericSchema<unknown, T>,
  payload: string,
  { uid, secrets }: BootConfig,
  key: keyof BootConfig['secrets'],
): T => {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), payload);
  if (parsed.success && parsed.output.uid === uid) return parsed.output;
  throw new OperatorError('boot-failed', `the secret ${secrets[key]} belongs to another cluster`);
};

/** Payload of `P-pki`. */
export const packPki = (uid: string, files: PkiFiles): string => JSON.stringify({ trizone: 1, uid, files });

/** Reads the files from the payload of `P-pki`; refuses another cluster's. */
export const unpackPki = (payload: string, config: BootConfig): PkiFiles =>
  read(pkiSchema, payload, config, 'pki').files;

/** Reads the payload of `P-join`; refuses another cluster's. */
export const readJoin = (payload: string, config: BootConfig): JoinSecret => read(joinSchema, payload, config, 'join');

/** A new join secret whose token is valid for 24 hours. */
export const newJoin = (ids: Ids, config: BootConfig, pki: PkiFiles): string => {
  const { certificate } = authorityOf(pki);
  const join: JoinSecret = {
    trizone: 1,
    uid: config.uid,
    endpoint: `${config.internalIp}:443`,
    token: `${randomText(ids, 6)}.${randomText(ids, 16)}`,
    caCertHash: publicKeyHash(certificate),
    ca: certificate,
    expires: new Date(wallClock.now() + 24 * 3_600_000).toISOString(),
  };
  return JSON.stringify(join);
};

const adminName = 'trizone-admin';

/** A kubeconfig valid for 24 hours, in the format of `kubeadm kubeconfig user`. */
export const newAdmin = (ids: Ids, config: BootConfig, pki: PkiFiles): string => {
  const authority = authorityOf(pki);
  const own = issue(
    ids,
    { commonName: adminName, organization: 'kubeadm:cluster-admins', hours: 24, use: 'client' },
    authority,
  );
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const context = `${adminName}@${config.cluster}`;
  return stringify({
    apiVersion: 'v1',
    clusters: [
      {
        cluster: {
          'certificate-authority-data': base64(authority.certificate),
          server: `https://${config.externalIp}`,
        },
        name: config.cluster,
      },
    ],
    contexts: [{ context: { cluster: config.cluster, user: adminName }, name: context }],
    'current-context': context,
    kind: 'Config',
    users: [
      {
        name: adminName,
        user: { 'client-certificate-data': base64(own.certificate), 'client-key-data': base64(own.key) },
      },
    ],
  });
};

const half = 12 * 3_600_000;

/** Whether a join secret is valid for at least twelve more hours of wall time. */
export const isJoinFresh = (join: JoinSecret): boolean => Date.parse(join.expires) - wallClock.now() > half;

const adminSchema = v.object({
  users: v.tuple([v.object({ user: v.object({ 'client-certificate-data': v.string() }) })]),
});

/** Whether the certificate of an admin kubeconfig was issued by this CA and is valid for twelve more hours of wall time. */
export const isAdminFresh = (kubeconfig: string, pki: PkiFiles): boolean =>
  endOf(kubeconfig, pki) - wallClock.now() > half;

const ends = new WeakMap<PkiFiles, { readonly kubeconfig: string; readonly end: number }>();

// Called for every connection, so the last result is cached per CA. -Infinity: not issued by this CA.
const endOf = (kubeconfig: string, pki: PkiFiles): number => {
  const known = ends.get(pki);
  if (known?.kubeconfig === kubeconfig) return known.end;
  const end = readEnd(kubeconfig, pki);
  ends.set(pki, { kubeconfig, end });
  return end;
};

const readEnd = (kubeconfig: string, pki: PkiFiles): number => {
  const parsed = v.safeParse(adminSchema, parse(kubeconfig));
  if (!parsed.success) return -Infinity;
  const certificate = new X509Certificate(
    Buffer.from(parsed.output.users[0].user['client-certificate-data'], 'base64'),
  );
  const ours = certificate.checkIssued(new X509Certificate(authorityOf(pki).certificate));
  return ours ? Date.parse(certificate.validTo) : -Infinity;
};
