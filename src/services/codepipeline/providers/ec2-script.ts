import type { DeployScript, DeploySpec } from '../model/deploy-spec.ts';

/** What an instance is to do. */
export interface Deploying extends DeploySpec {
  bucket: string;
  key: string;
  /** Names the action: an instance remembers by it what it has. */
  mark: string;
}

/**
 * The lines of a shell script that brings an artifact to its place, with the instance's own right to read it. One that has been
 * brought there by the same action is left as it is; what failed half-way is done again.
 */
export function deployScript({ bucket, key, mark, files, before, after }: Deploying): string[] {
  const remembered = `/var/lib/codepipeline-deploy/${mark.replace(/[^A-Za-z0-9@_/-]/g, '_')}`;
  const others = [...before, ...after].some(({ runas }) => runas !== undefined);
  return [
    'set -eu',
    `artifact=${quoted(`s3://${bucket}/${key}`)}`,
    `mark=${quoted(remembered)}`,
    'if [ "$(cat "$mark" 2>/dev/null)" = "$artifact" ]; then echo "$artifact is deployed already"; exit 0; fi',
    'work=$(mktemp -d)',
    `trap 'rm -rf "$work"' EXIT`,
    // Who a script runs as has to reach it.
    ...(others ? ['chmod 755 "$work"'] : []),
    'aws s3 cp --only-show-errors "$artifact" "$work/artifact.zip"',
    ...(others ? ['chmod 600 "$work/artifact.zip"'] : []),
    'mkdir "$work/files"',
    'unzip -q "$work/artifact.zip" -d "$work/files"',
    ...before.map(run),
    ...files.flatMap(place),
    ...after.map(run),
    'mkdir -p "$(dirname "$mark")"',
    'printf %s "$artifact" > "$mark"',
  ];
}

function run({ location, seconds, runas }: DeployScript): string {
  const path = quoted(`./${location}`);
  const as = runas === undefined ? '' : `runuser -u ${quoted(runas)} -- `;
  return `(cd "$work/files" && chmod +x ${path} && timeout -k 10 ${seconds} ${as}${path})`;
}

function place({ source, destination }: DeploySpec['files'][number]): string[] {
  return [
    `source="$work/files/"${quoted(source)}`,
    `target=${quoted(destination)}`,
    'mkdir -p "$target"',
    'if [ -d "$source" ]; then cp -a "$source/." "$target/"; else cp -a "$source" "$target/"; fi',
  ];
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
