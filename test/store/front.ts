import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What stands before the real server does with a request: hands it on, cuts the connection, or answers itself. */
export type Verdict =
  | 'pass'
  | 'cut'
  | {
      readonly status: number;
      readonly type?: string;
      readonly reason?: string;
      readonly body?: unknown;
      readonly foreign?: boolean;
    };

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A proxy before the server, with TLS when it has a certificate. The server core has no security, so what a server with
 * users and rights would answer is played here; what is handed on, the real server answers.
 */
export const front = async (
  target: string,
  decide: (message: IncomingMessage) => Verdict,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Front> => {
  const handle = (message: IncomingMessage, response: ServerResponse): void => {
    const verdict = decide(message);
    if (verdict === 'cut') message.socket.destroy();
    else if (verdict === 'pass') hand(target, message, response);
    else {
      message.resume();
      response.writeHead(verdict.status, {
        'content-type': 'application/json',
        ...(verdict.foreign === true ? {} : { 'x-elastic-product': 'Elasticsearch' }),
      });
      const cause = { type: verdict.type, reason: verdict.reason };
      const error = { error: { ...cause, root_cause: [cause] }, status: verdict.status };
      response.end(JSON.stringify(verdict.body ?? error));
    }
  };
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
};

const hand = (target: string, message: IncomingMessage, response: ServerResponse): void => {
  const { authorization: _, ...headers } = message.headers;
  const onward = request(new URL(message.url ?? '/', target), { method: message.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  message.pipe(onward);
};
