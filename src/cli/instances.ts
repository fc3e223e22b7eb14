import { allInstances } from './instances/find.ts';
import { instancesText } from './instances/text.ts';
import { parsed } from './parsed.ts';
import { failureText, SERVER_OPTIONS, SERVER_USAGE, serverOf } from './server.ts';

const USAGE = `Usage: slipway instances [--all] [--json] [--data DIR]
  Shows EC2 instances and on-premises instances: state, address, ports of load balancers, when the agent was heard of in a
  deployment, the last deployment, and where its files are.
  --all                         those that are terminated or deregistered, too
  --json                        an array of objects
${SERVER_USAGE}
  Exit code: 0, 1 where the server does not answer or refuses, 2 for wrong usage.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  all: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** `slipway instances`. @returns 0; 1 where the server does not answer or refuses; 2 for wrong usage */
export async function instancesCommand(argv: string[], environment = process.env): Promise<number> {
  const options = parsed({ args: argv, options: OPTIONS })?.values;
  if (!options || options.help) {
    (options ? process.stdout : process.stderr).write(USAGE);
    return options ? 0 : 2;
  }
  const server = serverOf(options, environment);
  if (typeof server === 'string') return failed(server);
  try {
    const { instances, unknown } = await allInstances(server, options.all === true);
    for (const reason of unknown) process.stderr.write(`slipway instances: ${reason}\n`);
    process.stdout.write(
      options.json ? `${JSON.stringify(instances, undefined, 2)}\n` : instancesText(instances),
    );
    return 0;
  } catch (error) {
    return failed(failureText(error, server));
  }
}

function failed(reason: string): number {
  process.stderr.write(`slipway instances: ${reason}\n`);
  return 1;
}
