import { on } from '../../../kit/resource.ts';
import { invalidInput, projectNotFound } from '../errors.ts';
import { newToken } from '../model/links.ts';
import { checkServiceRole } from '../model/project-rules.ts';
import { ownProject } from '../resources/project.ts';
import { checkRole } from '../run/service-role.ts';
import * as store from '../store/projects.ts';
import { ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

/** Makes the builds of a project everybody's to see, or nobody else's again. The name that it got for it stays its own. */
export const updateProjectVisibility = codebuild(
  'updateProjectVisibility',
  on(ownProject, ({ projectArn }) => projectArn),
  async (ctx, { projectVisibility, resourceAccessRole }, { project: { name = '', arn = '' } }) => {
    if (resourceAccessRole !== undefined) {
      if (projectVisibility === 'PRIVATE')
        throw invalidInput('Invalid resourceAccessRole: it is for PUBLIC_READ projects');
      ruled(() => checkServiceRole(resourceAccessRole, ctx.accountId));
      await checkRole(ctx, { roleArn: resourceAccessRole, project: name, passed: true });
    }
    const alias = newToken();
    return ctx.transaction(async (tx) => {
      const found = await store.findProject(tx, ctx, name);
      if (!found) throw projectNotFound(arn);
      const publicProjectAlias = found.project.publicProjectAlias ?? alias;
      const { resourceAccessRole: former, ...project } = found.project;
      const role = resourceAccessRole ?? (projectVisibility === 'PUBLIC_READ' ? former : undefined);
      await store.updateProject(tx, ctx, {
        ...{ ...project, projectVisibility, publicProjectAlias },
        ...(role !== undefined && { resourceAccessRole: role }),
        lastModified: ctx.clock.now(),
      });
      return { projectArn: arn, publicProjectAlias, projectVisibility };
    });
  },
);
