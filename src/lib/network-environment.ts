import { setOwn } from './own.ts';

type Environment = Record<string, string | undefined>;

/** Variables that say by which proxies programs reach the network; each in both cases. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap(
  (name) => [name, name.toLowerCase()],
);

/** Variables that name a file of CA certificates. */
export const CA_FILE_VARIABLES: readonly string[] = [
  'SSL_CERT_FILE',
  'AWS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'CARGO_HTTP_CAINFO',
];

const NETWORK = [...PROXIES, ...CA_FILE_VARIABLES];

/**
 * The variables of `env` that a list such as `network,MAVEN_OPTS` names; `network` stands for those of proxies and CA
 * certificates, as many as are set.
 * @throws Error naming a variable that is asked for by name and not set
 */
export function pickVariables(list: string, env: Environment): Record<string, string> {
  const picked: Record<string, string> = {};
  const wanted = list.split(',').flatMap((each) => each.trim() || []);
  for (const name of wanted) {
    if (name !== 'network' && env[name] === undefined) throw new Error(`${name} is not set`);
    for (const one of name === 'network' ? NETWORK : [name]) {
      const value = env[one];
      if (value !== undefined) setOwn(picked, one, value);
    }
  }
  return picked;
}

/** The same, with the server's own hosts added to those that need no proxy; nothing added where there is none. */
export function withoutProxyFor(
  hosts: string[],
  variables: Record<string, string>,
): Record<string, string> {
  if (!Object.keys(variables).some((name) => /^(http|https|all)_proxy$/i.test(name))) {
    return variables;
  }
  const known = (variables.NO_PROXY ?? variables.no_proxy ?? '').split(',').filter(Boolean);
  const list = [...new Set([...known, ...hosts])].join(',');
  return { ...variables, NO_PROXY: list, no_proxy: list };
}
