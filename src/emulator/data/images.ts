/** A public image, reduced to what an instance needs to boot from it. */
export interface PublicImage {
  readonly project: string;
  readonly family: string;
  readonly name: string;
  readonly description: string;
  readonly diskSizeGb: string;
  readonly id: string;
}

/** One image per family: a family resolves to "the newest". The dates in the names follow the public images' scheme. */
export const publicImages: readonly PublicImage[] = [
  {
    project: 'ubuntu-os-cloud',
    family: 'ubuntu-2404-lts-amd64',
    name: 'ubuntu-2404-noble-amd64-v20261015',
    description: 'Canonical, Ubuntu, 24.04 LTS, amd64 noble image built on 2026-10-15',
    diskSizeGb: '10',
    id: '4210417321895320155',
  },
  {
    project: 'debian-cloud',
    family: 'debian-12',
    name: 'debian-12-bookworm-v20261013',
    description: 'Debian, Debian GNU/Linux, 12 (bookworm), amd64 built on 20261013',
    diskSizeGb: '10',
    id: '7731802113904115262',
  },
];
