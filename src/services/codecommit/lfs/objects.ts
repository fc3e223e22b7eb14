import { HttpError } from '../../../aws/http-error.ts';
import type { RouteCall } from '../../../aws/route-identity.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Route } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import {
  type Action,
  answerBatch,
  type Batch,
  isLfsId,
  type LfsOperation,
  LfsRefusal,
  parseBatch,
  pointerOf,
  referenceOf,
} from '../model/lfs.ts';
import { byteRange } from '../model/lfs-range.ts';
import { askedAgain, findObject, findSizes } from '../store/lfs.ts';
import { blobsOf, keepObject, keyOf, tooLarge } from './blobs.ts';
import { type Asked, bodyFor, bodyOf, json, type LfsCall, lfsRoute } from './route.ts';
import { authorizationOf, TOKEN_SECONDS } from './token.ts';

/** The batch API of Git LFS with its basic transfers: what is to be up- or downloaded, and the objects themselves. */

const noObject = () => new LfsRefusal(404, 'There is no such object.');

/** An upload is asked about again at each of its steps: by the reference that the client has named, which is in their URLs. */
const REFERENCE = 'ref';

/** Where an object is, with the token by which the client has asked: it knows no other credentials then. */
function actionOf({ platform, call, record, caller, asked }: LfsCall<unknown>) {
  const base = `${call.request.endpoint}/v1/repos/${record.name}/info/lfs`;
  const { authorization = '' } = call.request.headers;
  const { grant } = caller;
  const left = grant ? Math.floor((grant.expires - platform.clock.now().getTime()) / 1000) : 0;
  const { reference, operation } = asked;
  const named = operation === 'upload' && reference !== undefined;
  const query = named ? `?${new URLSearchParams({ [REFERENCE]: reference })}` : '';
  return (path: string): Action => ({
    href: `${base}/${path}${query}`,
    ...(grant && { header: { Authorization: authorization }, expires_in: Math.max(left, 1) }),
  });
}

const batch = lfsRoute<Batch>(
  'POST',
  'objects/batch',
  async (call) => {
    const what = parseBatch(await bodyOf(call));
    return { operation: what.operation, reference: what.reference, what };
  },
  async (call) => {
    const { platform, record, asked } = call;
    const oids = asked.what.objects.flatMap(({ pointer }) => (pointer ? [pointer.oid] : []));
    const { repositoryId } = record;
    // Noted before it is looked for, in one: what the client is told is there does not go then.
    const kept =
      asked.operation === 'download'
        ? await findSizes(platform.db, repositoryId, oids)
        : await platform.transaction(async (tx) => {
            await askedAgain(tx, repositoryId, oids, platform.clock.now());
            return await findSizes(tx, repositoryId, oids);
          });
    const objects = answerBatch(asked.what, kept, actionOf(call));
    return json(200, { transfer: 'basic', objects, hash_algo: 'sha256' });
  },
);

const named =
  (operation: LfsOperation) =>
  async (call: RouteCall): Promise<Asked<string>> => {
    const { oid = '' } = call.labels;
    if (!isLfsId(oid)) throw noObject();
    return { operation, what: oid, reference: referenceIn(call) };
  };

/** @throws LfsRefusal */
function referenceIn({ request }: RouteCall): string | undefined {
  const name = new URLSearchParams(request.query).get(REFERENCE);
  return name === null ? undefined : referenceOf({ ref: { name } });
}

const upload = lfsRoute('PUT', 'objects/{oid}', named('upload'), async (its) => {
  const { platform, call, record, asked } = its;
  const { headers, body } = call.request;
  if (Number(headers['content-length'] ?? 0) > limits.lfs.object) throw tooLarge();
  await keepObject(platform, { repositoryId: record.repositoryId, oid: asked.what, body });
  return json(200, {});
});

const download = lfsRoute('GET', 'objects/{oid}', named('download'), async (its) => {
  const { platform, call, record, asked } = its;
  const found = await findObject(platform.db, record.repositoryId, asked.what);
  if (!found) throw noObject();
  const { size, blobId } = found;
  const key = await keyOf(platform, found);
  const range = byteRange(call.request.headers.range, size);
  if (range === 'unsatisfiable') throw new LfsRefusal(416, `The object has ${size} bytes.`);
  const length = range ? range.end - range.start + 1 : size;
  return {
    status: range ? 206 : 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(length),
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
    },
    body: blobsOf(platform).read(blobId, key, range),
  };
});

/** By the reference of its URL: what it says of an object has none. */
const asksToVerify = async (call: RouteCall) => ({
  ...(await bodyFor('upload')(call)),
  reference: referenceIn(call),
});

const verify = lfsRoute('POST', 'objects/verify', asksToVerify, async (its) => {
  const { platform, record, asked } = its;
  const { oid, size } = pointerOf(asked.what);
  const found = await findObject(platform.db, record.repositoryId, oid);
  if (!found) throw noObject();
  if (found.size !== size) throw new LfsRefusal(422, `The object has ${found.size} bytes.`);
  return json(200, {});
});

/** What who has come by SSH gets for `git-lfs-authenticate`. */
const authenticate = lfsRoute(
  'POST',
  'authenticate',
  async ({ request }): Promise<Asked<LfsOperation>> => {
    const operation = new URLSearchParams(request.query).get('operation');
    if (!request.ssh) throw new HttpError(404, 'That is asked by SSH.');
    if (operation !== 'upload' && operation !== 'download')
      throw new LfsRefusal(422, 'The operation is upload or download.');
    return { operation, what: operation };
  },
  async ({ platform, call, record, asked }) => {
    const { userName = '' } = call.request.ssh ?? {};
    const expires = platform.clock.now().getTime() + TOKEN_SECONDS * 1000;
    const grant = { userName, repositoryId: record.repositoryId, operation: asked.what, expires };
    return json(200, {
      href: `${publicUrl(platform)}/v1/repos/${record.name}/info/lfs`,
      header: { Authorization: authorizationOf(platform, grant) },
      expires_in: TOKEN_SECONDS,
    });
  },
);

// biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
export const objectRoutes: Route<any>[] = [batch, upload, download, verify, authenticate];
