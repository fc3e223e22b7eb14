// Writes the table of operations into each service's README, from the code. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '../src/kit/service.ts';
import { SERVICES } from '../src/services/registry.ts';

const BEGIN = '<!-- operations -->';
const END = '<!-- /operations -->';
/** More than a reader goes through by name: EC2 has 800. */
const LISTED = 100;
const root = join(import.meta.dirname, '..');

function table(service: ServiceDefinition): string {
  const sections = service.apis.map(({ api, operations }) => {
    const names = Object.keys(api.operations).sort();
    const built = names.filter((name) => {
      return operations[name.charAt(0).toLowerCase() + name.slice(1)] !== undefined;
    });
    const refused = names.filter((name) => !built.includes(name));
    const title = `${api.targetPrefix ?? api.name}: ${built.length} of ${names.length} operations`;
    const which = refused.length > LISTED ? `all other ${refused.length}` : refused.join(', ');
    const refusal =
      refused.length > 0 ? `\n\nRefused with 501 \`NotImplemented\` and their name: ${which}.` : '';
    return `**${title}**\n\n${built.map((name) => `\`${name}\``).join(', ')}${refusal}`;
  });
  return `${BEGIN}\n${sections.join('\n\n')}\n${END}`;
}

const check = process.argv.includes('--check');
let stale = 0;
for (const [name, load] of Object.entries(SERVICES)) {
  const file = join(root, 'src', 'services', name, 'README.md');
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < 0) throw new Error(`${file} lacks the markers ${BEGIN} and ${END}`);
  const { default: service } = await (await load()).load();
  const wanted = text.slice(0, begin) + table(service) + text.slice(end + END.length);
  if (wanted === text) continue;
  stale += 1;
  if (!check) writeFileSync(file, wanted);
  process.stdout.write(`${check ? 'stale' : 'written'}: src/services/${name}/README.md\n`);
}
if (check && stale > 0) {
  process.stderr.write('Run `npm run generate` and commit.\n');
  process.exit(1);
}
