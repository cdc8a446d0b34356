import { invalid, OperatorError } from '../lib/operatorError.ts';
import { toVisit } from '../lib/remedy.ts';

const zonePattern = /^([a-z]+-[a-z]+\d+)-([a-z])$/;

/** Region of a zone: kube-up's `REGION=${ZONE%-*}`, but rejects invalid zone names. */
export const regionOf = (zone: string): string => {
  const region = zonePattern.exec(zone)?.[1];
  if (region === undefined) {
    throw invalid(`Invalid zone name, expected REGION-LETTER: "${zone}"`, 'For example: europe-west1-b');
  }
  return region;
};

/**
 * Rejects duplicate zones and zones in different regions: a cluster lives in one region (its load balancers do).
 * Returns the region.
 */
export const checkZones = (zones: readonly string[]): string => {
  const first = zones[0];
  if (first === undefined) throw invalid('No zone specified', 'Use --zone, for example --zone europe-west1-b.');
  const region = regionOf(first);
  for (const zone of zones) {
    if (regionOf(zone) !== region) {
      throw invalid(`All zones must be in one region: ${zone} is not in ${region}`, `Choose zones in ${region}.`);
    }
  }
  if (new Set(zones).size !== zones.length)
    throw invalid(`Duplicate zone: ${zones.join(', ')}`, 'List each zone once.');
  return region;
};

/** The zones that lie in a place (a region or a single zone). */
export const inPlace = (zones: readonly string[], place: string): string[] =>
  zones.filter((zone) => zone === place || zone.startsWith(`${place}-`));

/** Throws if zones (of `place` only, if given) are unreachable: incomplete lists prove nothing. */
export const insistOn = (unreachable: readonly string[], place?: string): void => {
  const missing = place === undefined ? unreachable : inPlace(unreachable, place);
  if (missing.length === 0) return;
  throw new OperatorError('unavailable', `Zone contents unknown: ${missing.join(', ')} is unreachable`, {
    retry: 'later',
    remedy: toVisit('Wait until the zone is back', 'https://status.cloud.google.com'),
  });
};
