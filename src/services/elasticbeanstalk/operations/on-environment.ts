import { on } from '../../../kit/resource.ts';
import { environment } from '../resources/kinds.ts';

interface Named {
  EnvironmentId?: string | undefined;
  EnvironmentName?: string | undefined;
}

/** On the environment that a call names, by its id or its name. */
export const onEnvironment = on(
  environment,
  ({ EnvironmentId: id, EnvironmentName: name }: Named) => ({ ...{ id, name } }),
);
