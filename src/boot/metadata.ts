import { addOns } from './addOns.ts';
import type { BootConfig } from './config.ts';
import { kubeadmDocuments } from './kubeadm.ts';
import { startupScript } from './script.ts';

/** Names of the metadata items that carry data to the script; the other items in `bootMetadata` are Google's settings. */
export const metadataItem = {
  script: 'startup-script',
  config: 'trizone-config',
  kubeadm: 'trizone-kubeadm',
  addOns: 'trizone-addons',
} as const;

/**
 * All metadata items of a machine, for an instance or an instance template. The script is the same text for every
 * machine; everything specific is separate data. No item contains a secret (invariant 8); none exceeds Compute Engine's
 * 256 KiB per value.
 */
export const bootMetadata = (config: BootConfig): Record<string, string> => ({
  [metadataItem.script]: startupScript(),
  [metadataItem.config]: JSON.stringify(config),
  [metadataItem.kubeadm]: kubeadmDocuments(config),
  // Only the first master applies add-ons; the others do not need them.
  ...(config.role === 'first' ? { [metadataItem.addOns]: addOns(config) } : {}),
  'block-project-ssh-keys': 'TRUE',
  'enable-oslogin': 'TRUE',
  'enable-guest-attributes': 'TRUE',
  // Serial output is readable without it; it would only enable the interactive console.
  'serial-port-enable': 'FALSE',
});
