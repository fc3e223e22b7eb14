import { invalidArgument } from '../errors.ts';
import { MAX_KEYS } from '../limits.ts';

/** Java's largest int: what S3 takes as the size of a page, whatever it then makes of it. */
const MAX_INT = 2 ** 31 - 1;

/**
 * How many entries a page is to have.
 * @param argument the parameter's name in the query: `max-keys`
 * @throws AwsError InvalidArgument
 */
export function pageSize(asked: number | undefined, argument: string): number {
  return Math.min(integerBetween(asked ?? MAX_KEYS, argument, 0, MAX_INT), MAX_KEYS);
}

/** `asked`, where a page may not be smaller than `min` nor larger than `max`. @throws AwsError InvalidArgument */
export function integerBetween(asked: number, argument: string, min: number, max: number): number {
  if (Number.isInteger(asked) && asked >= min && asked <= max) return asked;
  const message = `Argument ${argument} must be an integer between ${min} and ${max}`;
  throw invalidArgument(message, argument, String(asked));
}

/** The part number that a page of parts begins behind. @throws AwsError InvalidArgument */
export function partMarker(marker: string | undefined): number {
  if (marker === undefined || marker === '') return 0;
  const argument = 'part-number-marker';
  return integerBetween(/^\d+$/.test(marker) ? Number(marker) : Number.NaN, argument, 0, MAX_INT);
}
