import type { EnvironmentPlatform, LanguageType, PlatformType } from '@aws-sdk/client-codebuild';

/** AWS's name for images with several languages; its own enumeration does not have it. */
const STANDARD = 'STANDARD' as LanguageType;

/** The Linux images that AWS keeps for builds, by platform: name and what they are based on. */
const IMAGES: Partial<Record<PlatformType, [name: string, base: string][]>> = {
  AMAZON_LINUX: [
    ['aws/codebuild/amazonlinux-x86_64-standard:5.0', 'Amazon Linux 2023 (x86_64)'],
    ['aws/codebuild/amazonlinux2-x86_64-standard:5.0', 'Amazon Linux 2023 (x86_64)'],
    ['aws/codebuild/amazonlinux2-x86_64-standard:4.0', 'Amazon Linux 2 (x86_64)'],
    ['aws/codebuild/amazonlinux-aarch64-standard:3.0', 'Amazon Linux 2023 (aarch64)'],
    ['aws/codebuild/amazonlinux2-aarch64-standard:3.0', 'Amazon Linux 2023 (aarch64)'],
    ['aws/codebuild/amazonlinux2-aarch64-standard:2.0', 'Amazon Linux 2 (aarch64)'],
  ],
  UBUNTU: [
    ['aws/codebuild/standard:7.0', 'Ubuntu 22.04'],
    ['aws/codebuild/standard:6.0', 'Ubuntu 22.04'],
    ['aws/codebuild/standard:5.0', 'Ubuntu 20.04'],
  ],
};

export const CURATED_IMAGES: readonly string[] = Object.values(IMAGES).flatMap((images) =>
  images.map(([name]) => name),
);

/** The platforms with those of the images that can be used; platforms without one are left out. */
export function curatedPlatforms(usable: (name: string) => boolean): EnvironmentPlatform[] {
  return Object.entries(IMAGES).flatMap(([platform, all]) => {
    const images = all
      .filter(([name]) => usable(name))
      .map(([name, base]) => ({
        name,
        description: `AWS CodeBuild - Docker image based on ${base} with multiple language support`,
        versions: [name],
      }));
    if (images.length === 0) return [];
    return [{ platform: platform as PlatformType, languages: [{ language: STANDARD, images }] }];
  });
}
