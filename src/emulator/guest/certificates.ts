import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Ids } from '../../lib/ids.ts';
import { wallClock } from '../../lib/clock.ts';

/**
 * Certificates of the simulated machines. Built with node:crypto, because guests run inside the emulator's synchronous
 * transactions and WebCrypto is asynchronous. Certificates use wall time: real clients verify them.
 */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Contents of a certificate. */
export interface Request {
  readonly commonName: string;
  readonly organization?: string;
  readonly hours: number;
  readonly use: 'authority' | 'server' | 'client';
  /** DNS names and IP addresses of a server. */
  readonly hosts?: readonly string[];
}

/** A new key and its certificate, signed by the issuer or self-signed. */
export const issue = (ids: Ids, request: Request, issuer?: KeyPair): KeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const body = toBeSigned(ids, request, publicKey, issuer);
  const der = sequence(body, algorithm, bitString(sign('sha256', body, signer)));
  return { certificate: pem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
};

/** `sha256:…` over a certificate's public key, as kubeadm's discovery expects it. */
export const publicKeyHash = (certificate: string): string =>
  `sha256:${createHash('sha256')
    .update(createPublicKey(certificate).export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;

const toBeSigned = (ids: Ids, request: Request, publicKey: KeyObject, issuer: KeyPair | undefined): Buffer => {
  const now = wallClock.now();
  const subject = distinguishedName(request);
  const serial = Buffer.from(ids.bytes(16));
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0); // positive and full length
  return sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    algorithm,
    issuer === undefined ? subject : subjectOf(issuer.certificate),
    // Backdated by five minutes, for clocks that are slightly behind.
    sequence(time(now - 300_000), time(now + request.hours * 3_600_000)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions(request, publicKey, issuer))),
  );
};

const extensions = (request: Request, publicKey: KeyObject, issuer: KeyPair | undefined): Buffer[] => {
  const authority = request.use === 'authority';
  const issuerKey = issuer === undefined ? publicKey : createPublicKey(issuer.certificate);
  // Unused bits, then: digital signature, key encipherment, and for a CA certificate signing.
  const usage = authority ? [2, 0xa4] : [5, 0xa0];
  const list = [
    extension('2.5.29.15', true, tlv(0x03, Buffer.from(usage))),
    extension('2.5.29.19', true, authority ? sequence(tlv(0x01, Buffer.from([0xff]))) : sequence()),
    extension('2.5.29.14', false, tlv(0x04, keyId(publicKey))),
    extension('2.5.29.35', false, sequence(tlv(0x80, keyId(issuerKey)))),
  ];
  if (!authority) {
    const purpose = request.use === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
    list.push(extension('2.5.29.37', false, sequence(objectId(purpose))));
  }
  if (request.hosts !== undefined)
    list.push(extension('2.5.29.17', false, sequence(...request.hosts.map(generalName))));
  return list;
};

const ipPattern = /^\d+\.\d+\.\d+\.\d+$/;

const generalName = (host: string): Buffer =>
  ipPattern.test(host) ? tlv(0x87, Buffer.from(host.split('.').map(Number))) : tlv(0x82, Buffer.from(host));

const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

const distinguishedName = (request: Request): Buffer => {
  const part = (id: string, text: string): Buffer => tlv(0x31, sequence(objectId(id), tlv(0x0c, Buffer.from(text))));
  const organization = request.organization === undefined ? [] : [part('2.5.4.10', request.organization)];
  return sequence(...organization, part('2.5.4.3', request.commonName));
};

/** The encoded subject: the sixth field of a certificate's body. */
const subjectOf = (certificate: string): Buffer => {
  const der = Buffer.from(certificate.replace(/-----[A-Z ]+-----/g, ''), 'base64');
  let at = span(der, span(der, 0).from).from;
  for (let i = 0; i < 5; i++) at = span(der, at).to;
  return der.subarray(at, span(der, at).to);
};

const span = (der: Buffer, at: number): { from: number; to: number } => {
  const first = der.readUInt8(at + 1);
  if (first < 0x80) return { from: at + 2, to: at + 2 + first };
  const bytes = first & 0x7f;
  return { from: at + 2 + bytes, to: at + 2 + bytes + der.readUIntBE(at + 2, bytes) };
};

// Distinguished Encoding Rules (X.690), as far as certificates need them.
const tlv = (tag: number, content: Buffer): Buffer => {
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts));

const bitString = (content: Buffer): Buffer => tlv(0x03, Buffer.concat([Buffer.from([0]), content]));

const objectId = (dotted: string): Buffer => {
  const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([a * 40 + b, ...rest.flatMap(base128)]));
};

const base128 = (value: number): number[] => {
  const digits = [value & 0x7f];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    digits.unshift((left & 0x7f) | 0x80);
  return digits;
};

const extension = (id: string, critical: boolean, content: Buffer): Buffer =>
  sequence(objectId(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, content));

// UTCTime with a two-digit year: valid until 2049 (RFC 5280).
const time = (ms: number): Buffer =>
  tlv(
    0x17,
    Buffer.from(
      new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  );

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;

// ecdsa-with-SHA256
const algorithm = sequence(objectId('1.2.840.10045.4.3.2'));
