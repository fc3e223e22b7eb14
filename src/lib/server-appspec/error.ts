/** An AppSpec file that the deployment cannot follow; messages are the official agent's where it has one. */
export class AppSpecError extends Error {}

/** The usual beginning and end of the official messages. */
export function problem(what: string, section?: string): AppSpecError {
  const advice = section
    ? ` Update the ${section} section of the AppSpec file, and then try again.`
    : '';
  return new AppSpecError(`The deployment failed because ${what}${advice}`);
}
