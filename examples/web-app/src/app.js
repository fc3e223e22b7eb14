import { createServer } from 'node:http';

/**
 * The application: a page that says who it is, and a health check.
 * @param config {greeting, version, commit, signature}: written by the build
 */
export function makeApp(config) {
  return createServer((request, response) => {
    if (request.url === '/health') return answer(response, 200, 'ok\n');
    if (request.url !== '/') return answer(response, 404, 'Not found\n');
    return answer(response, 200, page(config));
  });
}

export function page({ greeting, version, commit, signature }) {
  return `${greeting}, version ${version} of commit ${commit.slice(0, 7)} (signed ${signature.slice(0, 8)})\n`;
}

function answer(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
