import type { QuotaCatalogue } from '../../kit/quotas.ts';

// https://docs.aws.amazon.com/general/latest/gr/elasticbeanstalk.html
export const APPLICATIONS = { code: 'L-1CEABD17', name: 'Applications', value: 75 };
export const VERSIONS = { code: 'L-D64F1F14', name: 'Application versions', value: 1000 };
export const ENVIRONMENTS = { code: 'L-8EFC1C51', name: 'Environments', value: 200 };
export const TEMPLATES = { code: 'L-79D47E0D', name: 'Configuration templates', value: 2000 };

export const quotas: QuotaCatalogue = {
  serviceName: 'AWS Elastic Beanstalk',
  quotas: [APPLICATIONS, VERSIONS, ENVIRONMENTS, TEMPLATES],
};

export const MAX_TAGS = 50;
/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-sourcebundle.html */
export const MAX_BUNDLE_BYTES = 500 * 1024 * 1024;
/** How long an environment has for its first instances, beside the time that their command has. */
export const LAUNCH_MS = 15 * 60_000;
/** Whoever has said nothing for so long sends no data. */
export const SILENT_MS = 120_000;
/** A terminated environment is shown for an hour. */
export const SHOWN_MS = 3_600_000;
/** AWS keeps events for six weeks. */
export const EVENTS_MS = 42 * 24 * 3_600_000;
/** An instance's report waits so long for something to do. */
export const HELD_MS = 10_000;
/** How often a group is looked at: while something is being done with its environment, and else. */
export const BUSY_MS = 3000;
export const CALM_MS = 30_000;
export const PAGE = 1000;
