import { invalid, OperatorError } from '../lib/operatorError.ts';
import { toVisit } from '../lib/remedy.ts';

const zonePattern = /^([a-z]+-[a-z]+\d+)-([a-z])$/;

/** Region of a zone: kube-up's `REGION=${ZONE%-*}`, but refusing what is no zone name. */
export const regionOf = (zone: string): string => {
  const region = zonePattern.exec(zone)?.[1];
  if (region === undefined) {
    throw invalid(`Invalid zone name, expected REGION-LETTER: "${zone}"`, 'For example: europe-west1-b');
  }
  return region;
};

/** Refuses zones that repeat or lie in different regions: one cluster lives in one region (its load balancers do). */
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

/** Those of the zones that lie in a place: in a region, or the one zone itself. */
export const inPlace = (zones: readonly string[], place: string): string[] =>
  zones.filter((zone) => zone === place || zone.startsWith(`${place}-`));

/** Refuses to conclude anything from lists in which zones (of one region, or one zone, where it is named) are missing. */
export const insistOn = (unreachable: readonly string[], place?: string): void => {
  const missing = place === undefined ? unreachable : inPlace(unreachable, place);
  if (missing.length === 0) return;
  throw new OperatorError('unavailable', `Zone contents unknown: ${missing.join(', ')} is unreachable`, {
    retry: 'later',
    remedy: toVisit('Wait until the zone is back', 'https://status.cloud.google.com'),
  });
};
