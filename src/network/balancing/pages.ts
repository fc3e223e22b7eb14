import type { ServerResponse } from 'node:http';

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Not Allowed',
  408: 'Request Timeout',
  414: 'Request-URI Too Large',
  421: 'Misdirected Request',
  463: '',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** As the balancer calls itself. */
export const SERVER = 'awselb/2.0';

export function page(status: number): string {
  const title = `${status} ${REASONS[status] ?? ''}`.trim();
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
}

/** For a client whose request could not be read. */
export function rawPage(status: number): string {
  const body = page(status);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\nServer: ${SERVER}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** What the balancer itself answers where there is nothing else to say. */
export function answerPage(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = { server: SERVER },
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = page(status);
  const own = { 'content-type': 'text/html', 'content-length': body.length };
  response.writeHead(status, REASONS[status] ?? '', { ...own, ...headers });
  response.end(body);
}
