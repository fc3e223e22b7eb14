/** What installs a revision on a host, as API and agent know it (CD-LCS-01). */
export const INSTALL_EVENTS = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
] as const;

/** How load balancers come to send a host nothing, and something again. */
export const BLOCK_EVENTS = ['BeforeBlockTraffic', 'BlockTraffic', 'AfterBlockTraffic'] as const;
export const ALLOW_EVENTS = ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'] as const;

/** Events of an in-place deployment (CD-LCS-01, 02). */
export function inPlaceEvents(trafficControl: boolean): readonly string[] {
  if (!trafficControl) return INSTALL_EVENTS;
  return [...BLOCK_EVENTS, ...INSTALL_EVENTS, ...ALLOW_EVENTS];
}

/** What the server does itself, at load balancers: no agent gets a command for it. */
export const isTrafficEvent = (name: string) => name === 'BlockTraffic' || name === 'AllowTraffic';

/** Events whose failure `ignoreApplicationStopFailures` forgives (CD-MHH-13). */
const FORGIVABLE = ['ApplicationStop', 'BeforeBlockTraffic', 'AfterBlockTraffic'];

export function isForgiven(eventName: string, ignoreApplicationStopFailures: boolean): boolean {
  return ignoreApplicationStopFailures && FORGIVABLE.includes(eventName);
}

/** The host has to take a command within this time after it was made (CD-LCS-10). */
export const START_TIMEOUT_MS = 5 * 60_000;
/** A lifecycle event may run so long. */
export const RUN_TIMEOUT_MS = 3600_000;
/** What has to be known before a deployment starts may take so long: its role, its instances, its alarms. */
export const PREPARE_TIMEOUT_MS = 3600_000;
/** An in-place deployment may take so long (since June 2023). */
export const DEPLOYMENT_TIMEOUT_MS = 12 * 3600_000;
/** And a blue/green one. */
export const BLUE_GREEN_TIMEOUT_MS = 109 * 3600_000;

/** AWS's words for a command that no agent took. */
export const AGENT_SILENT =
  'CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make sure the agent is running and can connect to the CodeDeploy server.';
