/** The reconciler that takes a deployment on; its keys are deployment ids. */
export const DEPLOYMENT = 'codedeploy/deployment';
