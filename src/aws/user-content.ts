import type { WireRequest, WireResponse } from './http.ts';

/** Slipway's own pages, on every host name; no bucket can be called so, and no object of one is reached there. */
const OWN_PAGES = '/_slipway/';

/**
 * Keeps what users have put in from being a page of this server's. All is on one port, so that an object of S3 that a
 * browser shows would have the server's own origin: its script could send what the gate lets through for own pages. In
 * a sandbox it has no origin, and no script. The header means something to what a browser shows as a document alone; SDKs
 * and pages that read objects by script or as an image do not see a difference.
 */
export function sandboxed(request: WireRequest, response: WireResponse): WireResponse {
  const own = request.path.startsWith(OWN_PAGES);
  const headers: Record<string, string> = {
    ...response.headers,
    'x-content-type-options': 'nosniff',
    ...(!own && { 'content-security-policy': 'sandbox' }),
  };
  return { ...response, headers };
}
