import { AwsError } from '../errors.ts';

/** Undoes percent-encoding. @throws AwsError InvalidURI when it is broken */
export function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", 400);
  }
}
