import type {
  ListCuratedEnvironmentImagesCommandInput,
  ListCuratedEnvironmentImagesCommandOutput,
} from '@aws-sdk/client-codebuild';
import { operation } from '../../service.ts';
import type { Op } from './op.ts';

/** There are no images that this server keeps ready: the answer is true and empty. */
export const listCuratedEnvironmentImages: Op<
  ListCuratedEnvironmentImagesCommandInput,
  ListCuratedEnvironmentImagesCommandOutput
> = operation({ action: 'codebuild:ListCuratedEnvironmentImages', resource: '*' }, async () => ({
  platforms: [],
}));
