import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ownValue } from '../../lib/own.ts';
import { systemWords } from '../system-error.ts';
import { LocalError } from './plan.ts';

/** Where the official agent's own configuration is. */
export const AGENT_CONFIGURATION = '/etc/codedeploy-agent/conf/codedeployagent.yml';

/** What of the official agent's configuration a local deployment heeds. */
export interface AgentConfiguration {
  rootDir?: string;
  maxRevisions?: number;
  s3Endpoint?: string;
  onPremisesConfigFile?: string;
}

/**
 * Reads codedeployagent.yml, whose keys are symbols of Ruby's (`:root_dir:`). The one in its usual place may be missing.
 * @throws LocalError
 */
export function readAgentConfiguration(file: string | undefined): AgentConfiguration {
  if (file === undefined && !existsSync(AGENT_CONFIGURATION)) return {};
  const name = file ?? AGENT_CONFIGURATION;
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch {
    throw new LocalError(`configuration file ${name} does not exist or is not readable`);
  }
  return fromYaml(name, text);
}

export function fromYaml(file: string, text: string): AgentConfiguration {
  let read: unknown;
  try {
    read = parse(text);
  } catch (error) {
    throw new LocalError(`configuration file ${file} is no YAML: ${systemWords(error)}`);
  }
  if (read === null || read === undefined) return {};
  if (typeof read !== 'object' || Array.isArray(read))
    throw new LocalError(`configuration file ${file} is no YAML mapping`);
  const values = read as Record<string, unknown>;
  const value = (key: string): string | undefined => {
    const found = ownValue(values, `:${key}`) ?? ownValue(values, key);
    return found === undefined || found === null || found === '' ? undefined : String(found);
  };
  const most = value('max_revisions');
  if (most !== undefined && !/^[1-9]\d{0,5}$/.test(most))
    throw new LocalError(`max_revisions of ${file} takes a number from 1`);
  const [rootDir, s3Endpoint] = [value('root_dir'), value('s3_endpoint_override')];
  const onPremisesConfigFile = value('on_premises_config_file');
  return {
    ...(rootDir && { rootDir }),
    ...(most !== undefined && { maxRevisions: Number(most) }),
    ...(s3Endpoint && { s3Endpoint }),
    ...(onPremisesConfigFile && { onPremisesConfigFile }),
  };
}
