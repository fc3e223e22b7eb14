import { expect, test } from 'vitest';
import { imageFor } from './images.ts';

const images = {
  'aws/codebuild/*': 'any:1',
  'aws/codebuild/standard:*': 'ubuntu:1',
  'aws/codebuild/standard:7.0': 'seven:1',
};

test.each([
  ['aws/codebuild/standard:7.0', 'seven:1'],
  ['aws/codebuild/standard:6.0', 'ubuntu:1'],
  ['aws/codebuild/amazonlinux-x86_64-standard:5.0', 'any:1'],
  ['alpine', 'alpine'],
  ['constructor', 'constructor'],
])('%s is %s', (name, image) => {
  expect(imageFor(images, name)).toBe(image);
});
