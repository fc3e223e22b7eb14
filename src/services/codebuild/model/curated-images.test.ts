import { expect, test } from 'vitest';
import { CURATED_IMAGES, curatedPlatforms } from './curated-images.ts';

test('images stand under their platform; a platform without one is left out', () => {
  expect(curatedPlatforms((name) => name === 'aws/codebuild/standard:7.0')).toEqual([
    {
      platform: 'UBUNTU',
      languages: [
        {
          language: 'STANDARD',
          images: [
            expect.objectContaining({
              name: 'aws/codebuild/standard:7.0',
              versions: ['aws/codebuild/standard:7.0'],
            }),
          ],
        },
      ],
    },
  ]);
  expect(curatedPlatforms(() => false)).toEqual([]);
  expect(CURATED_IMAGES).toContain('aws/codebuild/amazonlinux2-x86_64-standard:5.0');
});
