import { createServer } from 'node:net';

/** Whether `port` of this machine (127.0.0.1) can be listened on. */
export function probePort(port: number): Promise<'free' | 'taken' | 'refused'> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken');
      else if (error.code === 'EACCES') resolve('refused');
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve('free')));
  });
}
