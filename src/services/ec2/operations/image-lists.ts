import type { ServiceContext } from '../../../kit/service.ts';
import { architectureOf, type Image, publicImages } from '../model/images.ts';
import { listImages } from '../store/images.ts';

/** All that the caller's account may start: those of everybody, and its own. */
export async function visibleImages(ctx: ServiceContext): Promise<Image[]> {
  return [
    ...publicImages(ctx.region, architectureOf(process.arch)),
    ...(await listImages(ctx.db, ctx)),
  ];
}
