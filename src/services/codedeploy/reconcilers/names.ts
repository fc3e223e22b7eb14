/** The reconciler that takes a deployment on; its keys are deployment ids. */
export const DEPLOYMENT = 'codedeploy/deployment';
/** Whom a group's service role must trust. */
export const SERVICE_PRINCIPAL = 'codedeploy.amazonaws.com';
