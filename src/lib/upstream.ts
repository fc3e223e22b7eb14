const PREFIX = 'SLIPWAY_UPSTREAM_';

/** The variable that says where a service is, by its signing name: `SLIPWAY_UPSTREAM_LAMBDA`. */
export const upstreamVariable = (service: string): string =>
  `${PREFIX}${service.toUpperCase().replaceAll('-', '_')}`;

/** The service whose variable it is: names of services hold hyphens, those of variables cannot. */
export const upstreamService = (variable: string): string | undefined =>
  variable.startsWith(PREFIX)
    ? variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-')
    : undefined;
