import { addOns } from './addOns.ts';
import type { BootConfig } from './config.ts';
import { kubeadmDocuments } from './kubeadm.ts';
import { startupScript } from './script.ts';

/** Names of the metadata items that carry data to the script; everything else in `bootMetadata` is a setting of Google's. */
export const metadataItem = {
  script: 'startup-script',
  config: 'trizone-config',
  kubeadm: 'trizone-kubeadm',
  addOns: 'trizone-addons',
} as const;

/**
 * All metadata items of a machine, ready for an instance or an instance template. The script is the same text for every
 * machine; what differs travels as data beside it. No item holds a secret (invariant 8), none exceeds Compute Engine's
 * 256 KiB per value.
 */
export const bootMetadata = (config: BootConfig): Record<string, string> => ({
  [metadataItem.script]: startupScript(),
  [metadataItem.config]: JSON.stringify(config),
  [metadataItem.kubeadm]: kubeadmDocuments(config),
  // Only the first master applies add-ons; the others need not carry them.
  ...(config.role === 'first' ? { [metadataItem.addOns]: addOns(config) } : {}),
  'block-project-ssh-keys': 'TRUE',
  'enable-oslogin': 'TRUE',
  'enable-guest-attributes': 'TRUE',
  // Serial output can be read without it; it would only open the interactive console.
  'serial-port-enable': 'FALSE',
});
