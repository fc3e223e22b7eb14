import { CURATED_IMAGES, curatedPlatforms } from '../model/curated-images.ts';
import { imageFor } from '../model/images.ts';
import { codebuild } from './declare.ts';

/** AWS's images as far as a build here can name them: all where images are not used, else those that something is there for. */
export const listCuratedEnvironmentImages = codebuild(
  'listCuratedEnvironmentImages',
  {},
  async ({ executors, config }) => {
    const present = await Promise.all(
      CURATED_IMAGES.map((name) => executors.hasImage(imageFor(config.images, name))),
    );
    const usable = new Set(CURATED_IMAGES.filter((_, index) => present[index]));
    return { platforms: curatedPlatforms((name) => usable.has(name)) };
  },
);
