import fc from 'fast-check';
import type { BootConfig } from '../../src/boot/config.ts';
import { versionsFor } from '../../src/model/versions.ts';

// Texts that could break out of a shell word, a JSON or YAML string, a here-document, or a placeholder.
const nasty = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '"; rm -rf / #',
    '$(reboot)',
    '`reboot`',
    "'\nPY\nreboot\n",
    'a\n---\nkind: Secret',
    '@TOKEN@',
    '{{.}}',
    '\u0000\u2028',
    '</script>',
    '", "x": "',
  ),
);

/** Boot configurations with arbitrary text in every string. */
export const hostileConfig: fc.Arbitrary<BootConfig> = fc.record({
  trizone: fc.constant(1 as const),
  role: fc.constantFrom('first' as const, 'replica' as const, 'node' as const),
  cluster: nasty,
  uid: nasty,
  project: nasty,
  region: nasty,
  versions: fc.record({
    kubernetes: nasty,
    etcd: nasty,
    coreDns: nasty,
    pause: nasty,
    containerd: nasty,
    runc: nasty,
    cniPlugins: nasty,
    cloudController: nasty,
    sha256: fc.constant(versionsFor('1.37.2').sha256),
  }),
  podCidr: nasty,
  serviceCidr: nasty,
  internalIp: nasty,
  externalIp: nasty,
  ownIp: nasty,
  network: nasty,
  subnetwork: nasty,
  secrets: fc.record({ pki: nasty, join: nasty, admin: nasty }),
  pool: nasty,
});
