import type { Command } from '@smithy/types';
import {
  keepPreviousData,
  type UseQueryResult,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { usePlace } from '../app/router.ts';
import { useConnection } from '../live/stream.ts';
import { flash } from '../parts/flashes.ts';
import { asCommand } from './as-command.ts';
import { type AnyClient, type ClientClass, clientOf, regionNow } from './endpoint.ts';
import { awsError } from './errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: the configuration differs by client
export type AwsCommand<I extends object, O> = Command<any, I, any, O & object, any>;

const operationOf = (command: object): string => {
  const { schema } = command as { schema?: readonly unknown[] };
  return typeof schema?.[2] === 'string' ? schema[2] : '';
};

/** Every so many ms, 5,000 at least. */
type Every = number | false;

interface AwsOptions<O> {
  /** False: not yet, as something is missing. */
  enabled?: boolean;
  /** Ask again for what no event tells of; by the last answer, where that says for how long there is something to ask for. */
  every?: Every | ((last: O | undefined) => Every);
  /** Keep showing the old answer while that for another input comes. */
  keep?: boolean;
}

const OFTEN = 5_000;
/** While no live event can come. */
const BLIND = 10_000;

/** What queries have in common: the region that they ask in, and how often they ask again. */
function useAsking<O>({ every, keep }: AwsOptions<O>) {
  usePlace();
  const unasked = useConnection() === 'lost' ? BLIND : false;
  const interval = (wanted: Every = false) => (wanted ? Math.max(OFTEN, wanted) : unasked);
  return {
    region: regionNow(),
    options: {
      refetchInterval: ({ state }: { state: { data?: unknown } }) =>
        interval(typeof every === 'function' ? every(state.data as O | undefined) : every),
      ...(keep && { placeholderData: keepPreviousData }),
    },
  };
}

/** An answer in the cache, and how to get it. */
const queryOf = <I extends object, O>(
  Client: ClientClass<AnyClient>,
  command: AwsCommand<I, O> | undefined,
  region: string,
) => ({
  queryKey: keyOf(Client, command, region),
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<O> =>
    clientOf(Client, region).send(command, { abortSignal: signal }),
});

/**
 * An answer of a service, cached, asked again when a live event tells that it changed.
 * @param command undefined where something it needs is not known yet
 */
export function useAws<I extends object, O>(
  Client: ClientClass<AnyClient>,
  command: AwsCommand<I, O> | undefined,
  asked: AwsOptions<O> = {},
): UseQueryResult<O> {
  const { region, options } = useAsking(asked);
  return useQuery({
    ...queryOf(Client, command, region),
    enabled: command !== undefined && asked.enabled !== false,
    ...options,
  }) as UseQueryResult<O>;
}

const names = new Map<unknown, string>();

/** The signing name of a client's service. */
function serviceOf(Client: ClientClass<AnyClient>): string {
  const known = names.get(Client);
  if (known !== undefined) return known;
  const name = clientOf(Client).config.defaultSigningName ?? '';
  names.set(Client, name);
  return name;
}

function keyOf(Client: ClientClass<AnyClient>, command: object | undefined, region: string) {
  const input = (command as { input?: object } | undefined)?.input ?? {};
  return ['aws', serviceOf(Client), region, command ? operationOf(command) : '', input] as const;
}

/** The same of several at once, in their order. (TanStack keeps no old answers of several.) */
export function useAwsAll<I extends object, O>(
  Client: ClientClass<AnyClient>,
  commands: readonly AwsCommand<I, O>[],
  asked: Pick<AwsOptions<O>, 'every'> = {},
): UseQueryResult<O>[] {
  const { region, options } = useAsking(asked);
  return useQueries({
    queries: commands.map((command) => ({ ...queryOf(Client, command, region), ...options })),
  }) as UseQueryResult<O>[];
}

const MOST_PAGES = 20;

/** Pages one after the other, until there is none or enough. @throws the SDK's error */
async function pagesOf<O>(
  ask: (token: string | undefined) => Promise<O>,
  next: (output: O) => string | undefined,
  most: number,
): Promise<O[]> {
  const found: O[] = [];
  let token: string | undefined;
  do {
    const output = await ask(token);
    found.push(output);
    token = next(output);
  } while (token !== undefined && found.length < most);
  return found;
}

/** All pages of a listing, bounded: `more` where there are others after these. */
export function useAwsPages<I extends object, O>(
  Client: ClientClass<AnyClient>,
  command: (token: string | undefined) => AwsCommand<I, O>,
  next: (output: O) => string | undefined,
  asked: AwsOptions<O[]> & { pages?: number } = {},
): UseQueryResult<O[]> & { more: boolean } {
  const { region, options } = useAsking(asked);
  const { pages = MOST_PAGES } = asked;
  const result = useQuery({
    queryKey: [...keyOf(Client, command(undefined), region), pages],
    queryFn: (context) =>
      pagesOf((token) => queryOf(Client, command(token), region).queryFn(context), next, pages),
    enabled: asked.enabled !== false,
    ...options,
  }) as UseQueryResult<O[]>;
  const last = result.data?.at(-1);
  return { ...result, more: last !== undefined && next(last) !== undefined };
}

interface ActOptions {
  /** What to say when it is done: a sentence. */
  done?: string;
  /** False: the caller shows the failure itself. */
  sayFailure?: boolean;
}

/**
 * For what changes something: makes the call, says how it ended (with the same as an `aws` command to copy), and has the
 * service's cached answers asked again.
 */
export function useAct(Client: ClientClass<AnyClient>) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(0);
  const act = useCallback(
    /** @throws the SDK's error */
    async <I extends object, O>(
      command: AwsCommand<I, O>,
      options: ActOptions = {},
    ): Promise<O> => {
      const region = regionNow();
      const service = serviceOf(Client);
      const said = asCommand({
        ...{ service, operation: operationOf(command), input: command.input, region },
      });
      setBusy((n) => n + 1);
      try {
        const output: O = await clientOf(Client, region).send(command);
        if (options.done !== undefined)
          flash({ type: 'success', content: options.done, command: said });
        return output;
      } catch (error) {
        const { code, message, requestId } = awsError(error);
        if (options.sayFailure !== false)
          flash({ type: 'error', header: code, content: message, requestId, command: said });
        throw error;
      } finally {
        setBusy((n) => n - 1);
        void cache.invalidateQueries({ queryKey: ['aws', service, region] });
      }
    },
    [Client, cache],
  );
  return { act, busy: busy > 0 };
}

/** The same outside of a component's life, or where nothing is to be shown of it. @throws the SDK's error */
export const askAws = <I extends object, O>(
  Client: ClientClass<AnyClient>,
  command: AwsCommand<I, O>,
): Promise<O> => clientOf(Client).send(command);

/** All pages of a listing, bounded as `useAwsPages` is. @throws the SDK's error */
export const askAwsPages = <I extends object, O>(
  Client: ClientClass<AnyClient>,
  command: (token: string | undefined) => AwsCommand<I, O>,
  next: (output: O) => string | undefined,
): Promise<O[]> => pagesOf((token) => askAws(Client, command(token)), next, MOST_PAGES);
