/** A program of an application, and the line of shell that starts it. */
export interface Program {
  name: string;
  command: string;
}

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/nodejs-configuration-procfile.html */
const LINE = /^([A-Za-z0-9_-]{1,64}):[ \t]*(\S.*)$/;
const MOST = 20;

/** Reads a Procfile. @throws Error in words for whoever wrote it */
export function readProcfile(text: string): Program[] {
  const programs: Program[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, command] = LINE.exec(line) ?? [];
    if (name === undefined || command === undefined)
      throw new Error(`Procfile could not be parsed: line ${index + 1} is not "name: command".`);
    if (programs.some((one) => one.name === name))
      throw new Error(`Procfile could not be parsed: ${name} is there twice.`);
    programs.push({ name, command: command.trim() });
  }
  if (programs.length === 0) throw new Error('Procfile could not be parsed: nothing is in it.');
  if (programs.length > MOST) throw new Error(`Procfile has more than ${MOST} processes.`);
  return programs;
}

/** What of a bundle says how it is started. */
export interface Files {
  procfile: string | undefined;
  packageJson: string | undefined;
  names: readonly string[];
  /** Is there an npm? */
  npm: boolean;
}

interface Package {
  scripts?: Record<string, unknown>;
  dependencies?: Record<string, unknown>;
}

function packageOf(text: string | undefined): Package {
  if (text === undefined) return {};
  try {
    const found = JSON.parse(text) as unknown;
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found;
  } catch {
    // Said below.
  }
  throw new Error('package.json is no JSON object.');
}

/** As AWS's Node.js platform does: by the Procfile, else `npm start`, else app.js, else server.js. @throws Error */
export function programsOf({ procfile, packageJson, names, npm }: Files): Program[] {
  if (procfile !== undefined) return readProcfile(procfile);
  const { scripts = {} } = packageOf(packageJson);
  if (typeof scripts.start === 'string')
    return [{ name: 'web', command: npm ? 'npm start' : scripts.start }];
  for (const name of ['app.js', 'server.js'])
    if (names.includes(name)) return [{ name: 'web', command: `node ${name}` }];
  throw new Error(
    'There is nothing to start: neither a Procfile, nor a start script in package.json, nor app.js or server.js.',
  );
}

/** How dependencies are installed, or undefined where there is nothing to do. @throws Error where it cannot be done */
export function installOf({ packageJson, names, npm }: Files): string[] | undefined {
  const { dependencies = {} } = packageOf(packageJson);
  // A bundle that brings them has them.
  if (Object.keys(dependencies).length === 0 || names.includes('node_modules')) return undefined;
  if (!npm)
    throw new Error(
      'package.json has dependencies, there is no node_modules in the bundle, and the AMI has no npm to install them.',
    );
  const locked = names.includes('package-lock.json') || names.includes('npm-shrinkwrap.json');
  return ['npm', locked ? 'ci' : 'install', '--omit=dev'];
}

const REFUSED = [
  ...['.ebextensions', '.platform', 'Buildfile', 'env.yaml', 'cron.yaml', 'Dockerrun.aws.json'],
];

/** What AWS does with a bundle and this server does not: refused by name. */
export function refusedFile(names: readonly string[]): string | undefined {
  const found = REFUSED.find((name) => names.includes(name));
  return found === undefined ? undefined : `The bundle has ${found}, which is not supported here.`;
}

/** Does a status pass, by codes as a target group has them: `200`, `200,202`, `200-299`? */
export const passes = (codes: string, status: number): boolean =>
  codes.split(',').some((part) => {
    const [from = '', to = from] = part.trim().split('-');
    return status >= Number(from) && status <= Number(to);
  });
