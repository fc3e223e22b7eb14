/** What a state of any service means to who looks at it. Pure. */

export type StatusKind =
  | 'success'
  | 'error'
  | 'in-progress'
  | 'stopped'
  | 'pending'
  | 'warning'
  | 'info';

const KINDS: [StatusKind, RegExp][] = [
  [
    'success',
    /^(succeeded|success|successful|available|active|ok|healthy|merged|approved|complete|completed|enabled|running|inservice|ready)$/,
  ],
  [
    'error',
    /^(failed|failure|error|fault|timed_out|timedout|client_error|abandonedbyfailure|rejected|unhealthy|alarm|invalid)$/,
  ],
  [
    'in-progress',
    /^(inprogress|in_progress|creating|updating|deleting|baking|stopping|pendinginstall|provisioning|retrying|installing)$/,
  ],
  [
    'stopped',
    /^(stopped|abandoned|superseded|cancelled|canceled|skipped|closed|disabled|terminated|unknown)$/,
  ],
  ['pending', /^(queued|created|pending|waiting|submitted|new|open|notexecuted|scheduled)$/],
  ['warning', /^(insufficient_data|warning|degraded|draining|cancelling)$/],
];

export function statusKind(status: string | undefined): StatusKind {
  const low = (status ?? '').toLowerCase().replaceAll(/[\s-]/g, '');
  return KINDS.find(([, words]) => words.test(low))?.[0] ?? 'info';
}

/** `InProgress`, `IN_PROGRESS` → `In progress`. */
export function statusText(status: string | undefined): string {
  if (status === undefined || status === '') return '–';
  const words = /^[A-Z_]+$/.test(status)
    ? status.replaceAll('_', ' ').toLowerCase()
    : status.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
