/**
 * A selection of Google's regions and zones: region → letters of its zones. Source: the public list "Regions and
 * zones"; europe-west1 and us-east1 really start at b.
 */
const letters: Readonly<Record<string, string>> = {
  'asia-east1': 'abc',
  'asia-northeast1': 'abc',
  'asia-southeast1': 'abc',
  'europe-north1': 'abc',
  'europe-west1': 'bcd',
  'europe-west3': 'abc',
  'europe-west4': 'abc',
  'us-central1': 'abcf',
  'us-east1': 'bcd',
  'us-west1': 'abc',
};

/** Names of the regions, sorted. */
export const regionNames: readonly string[] = Object.keys(letters);

/** Names of a region's zones; empty for an unknown region. */
export const zonesOf = (region: string): readonly string[] =>
  (letters[region] ?? '').split('').map((l) => `${region}-${l}`);

/** Names of all zones, sorted. */
export const zoneNames: readonly string[] = regionNames.flatMap(zonesOf);
