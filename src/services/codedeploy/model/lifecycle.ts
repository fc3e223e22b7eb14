/** Events of an in-place deployment without a load balancer that API and agent know of (CD-LCS-01). */
export const IN_PLACE_EVENTS = [
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
] as const;

/** Events whose failure `ignoreApplicationStopFailures` forgives (CD-MHH-13). */
const FORGIVABLE = ['ApplicationStop', 'BeforeBlockTraffic', 'AfterBlockTraffic'];

export function isForgiven(eventName: string, ignoreApplicationStopFailures: boolean): boolean {
  return ignoreApplicationStopFailures && FORGIVABLE.includes(eventName);
}

/** The host has to take a command within this time after it was made (CD-LCS-10). */
export const START_TIMEOUT_MS = 5 * 60_000;
/** A lifecycle event may run so long. */
export const RUN_TIMEOUT_MS = 3600_000;
/** An in-place deployment may take so long (since June 2023). */
export const DEPLOYMENT_TIMEOUT_MS = 12 * 3600_000;

/** AWS's words for a command that no agent took. */
export const AGENT_SILENT =
  'CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make sure the agent is running and can connect to the CodeDeploy server.';
