import type { Project } from '@aws-sdk/client-codebuild';
import type { StoredWebhook } from '../store/webhooks.ts';

/** A webhook, its project, and where the repository is that was told of. */
export interface Hooked {
  hook: StoredWebhook;
  project: Project;
  location: string;
}
