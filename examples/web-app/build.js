// Puts what is deployed into dist/: the application, its configuration, the appspec and its scripts.
import { createHmac } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const {
  GREETING,
  SIGNING_KEY,
  CODEBUILD_RESOLVED_SOURCE_VERSION = 'local',
  APP_VERSION,
} = process.env;
if (!GREETING || !SIGNING_KEY) throw new Error('GREETING and SIGNING_KEY must be set');

mkdirSync('dist', { recursive: true });
for (const path of ['src', 'scripts', 'appspec.yml', 'package.json'])
  cpSync(path, `dist/${path}`, { recursive: true });
const commit = CODEBUILD_RESOLVED_SOURCE_VERSION;
const signature = createHmac('sha256', SIGNING_KEY)
  .update(readFileSync('src/app.js'))
  .digest('hex');
writeFileSync(
  'dist/config.json',
  JSON.stringify({ greeting: GREETING, version: APP_VERSION, commit, signature }),
);
console.log(`Built version ${APP_VERSION}`);
