import type { Remote } from '../../../git/git-host.ts';
import type { WantedVersion } from '../model/source-version.ts';

/** A repository on its way into a directory. */
export interface Clone {
  directory: string;
  remote: Remote;
  /** What it has for the URL of its origin. */
  url: string;
  wanted: WantedVersion;
  depth?: number | undefined;
}
