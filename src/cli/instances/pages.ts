/**
 * The pages of a list, one after the other, for those of which the SDK has no paginator.
 * @param ask for the page behind this token; undefined: the first
 */
export async function* pagesOf<O extends { nextToken?: string | undefined }>(
  ask: (nextToken: string | undefined) => Promise<O>,
): AsyncGenerator<O> {
  let nextToken: string | undefined;
  do {
    const page = await ask(nextToken);
    yield page;
    ({ nextToken } = page);
  } while (nextToken !== undefined);
}
