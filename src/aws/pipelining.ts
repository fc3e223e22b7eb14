import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** Requests of a connection that wait for their turn: with as many it is not read from until there are fewer. */
const MOST_READ = 8;
/** One piece of a connection may hold more: no client but a hostile one sends so many ahead. */
const MOST_WAITING = 128;

/**
 * Serves the requests of a connection one after the other, in the order in which they came: whoever sends many ahead of
 * their answers (pipelining) takes no more of the server at a time than one who waits for each. Those of a client that
 * has gone are dropped. RFC 9112, section 9.3.2: requests that change something are not to be served side by side anyway,
 * and a client has to be ready for its connection to be closed before all are answered.
 */
export function inTurn(serve: Serve): Serve {
  const connections = new WeakMap<Socket, Connection>();
  return (request, response) => {
    const { socket } = request;
    let connection = connections.get(socket);
    if (!connection) {
      connection = new Connection(socket, serve);
      connections.set(socket, connection);
    }
    connection.take(request, response);
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #serve: Serve;
  readonly #waiting: Parameters<Serve>[] = [];
  #busy = false;

  constructor(socket: Socket, serve: Serve) {
    this.#socket = socket;
    this.#serve = serve;
    // Node goes on reading whenever a request has come in whole.
    socket.on('resume', () => this.#hold());
    socket.once('close', () => this.#waiting.splice(0));
  }

  take(...call: Parameters<Serve>): void {
    if (this.#busy) this.#wait(call);
    else this.#start(call);
  }

  #wait(call: Parameters<Serve>): void {
    this.#waiting.push(call);
    if (this.#waiting.length > MOST_WAITING) this.#socket.destroy();
    else this.#hold();
  }

  #start(call: Parameters<Serve>): void {
    this.#busy = true;
    call[1].once('close', () => this.#ended());
    this.#serve(...call);
  }

  #ended(): void {
    this.#busy = false;
    if (this.#waiting.length === 0) return;
    this.#busy = true;
    // Others have their turn before the next.
    setImmediate(() => this.#next());
  }

  #next(): void {
    const call = this.#waiting.shift();
    if (!call) {
      this.#busy = false;
      return;
    }
    if (this.#waiting.length === MOST_READ - 1) this.#socket.resume();
    this.#start(call);
  }

  #hold(): void {
    if (this.#waiting.length >= MOST_READ) this.#socket.pause();
  }
}
