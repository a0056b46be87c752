// The line between the window and a server: open, gone, or gone the moment the answer to a write comes back.
import { createConnection, createServer } from 'node:net';

export class Wire {
  #to;
  #server = null;
  #sockets = new Set();
  #loses = false;
  port = 0;

  /** To a port of this computer. */
  constructor(to) {
    this.#to = to;
  }

  /** Opens it, again on the same port. */
  async open() {
    if (this.#server) return;
    this.#server = createServer((near) => this.#join(near));
    await new Promise((resolve, reject) => this.#server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
  }

  /** Pulls it: whoever talks is cut off, whoever comes is refused. */
  async pull() {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve()));
  }

  /** Pulls it in the middle of the next write: the request arrives, its answer does not. */
  pullInTheMiddle() {
    this.#loses = true;
  }

  get isPulled() {
    return this.#server === null;
  }

  #join(near) {
    const far = createConnection(this.#to, '127.0.0.1');
    let begins = '';
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (part) => {
      const head = part.toString('latin1', 0, 64);
      if (/^[A-Z]+ \//.test(head)) begins = head;
      far.write(part);
    });
    far.on('data', (part) => {
      if (this.#loses && /^POST \/fhir/.test(begins)) {
        this.#loses = false;
        void this.pull();
        return;
      }
      near.write(part);
    });
  }
}
