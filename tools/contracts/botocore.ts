import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Where a botocore is installed, and which one. */
export interface Botocore {
  version: string;
  dataDir: string;
}

/** One shape of a service-2.json, as far as it is read. */
export interface ModelShape {
  type: string;
  min?: number;
  max?: number;
  pattern?: string;
  enum?: string[];
  sensitive?: boolean;
  required?: string[];
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
}

export interface Model {
  metadata: { apiVersion: string };
  operations: Record<string, { input?: { shape: string }; output?: { shape: string } }>;
  shapes: Record<string, ModelShape>;
}

const WHERE_IS_BOTOCORE = `
import json, os
try:
    import botocore
except ImportError:
    from awscli import botocore
print(json.dumps([botocore.__version__, os.path.join(os.path.dirname(botocore.__file__), 'data')]))
`;

/** The botocore that python3 imports (AWS CLI v2 bundles one), or undefined when there is none. */
export function findBotocore(): Botocore | undefined {
  const python = spawnSync('python3', ['-c', WHERE_IS_BOTOCORE], { encoding: 'utf8' });
  if (python.status !== 0) return undefined;
  const [version, dataDir] = JSON.parse(python.stdout) as [string, string];
  return { version, dataDir };
}

/** The newest API version of a service's model. @throws Error when botocore does not know the service. */
export function loadModel(botocore: Botocore, service: string): Model {
  const folder = join(botocore.dataDir, service);
  const newest = readdirSync(folder).sort().at(-1) ?? '';
  const file = join(folder, newest, 'service-2.json');
  const text = existsSync(file)
    ? readFileSync(file, 'utf8')
    : gunzipSync(readFileSync(`${file}.gz`)).toString('utf8');
  return JSON.parse(text) as Model;
}
