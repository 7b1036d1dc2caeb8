import { systemClock } from '@huimin/drivers';
import Fastify from 'fastify';
import PDFDocument from 'pdfkit';
import { type Bench, createBench } from './bench.ts';
import { readPeople } from './people.ts';
import { DEVICE_NAMES, type DeviceName } from './wire.ts';

export interface BenchServer {
  readonly bench: Bench;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  get(path: string): Promise<Response>;
  /** Posts JSON below `/bench/api/`. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

export const PEOPLE_FILE = new URL('../../assets/demo/people.yaml', import.meta.url);

/** A bench with real simulated devices behind a real port. */
export async function startBench(
  options: { readonly page?: string; readonly without?: readonly DeviceName[] } = {},
): Promise<BenchServer> {
  const { page = 'not-built', without = [] } = options;
  const stands = (name: DeviceName) => !without.includes(name);
  const bench = await createBench({
    people: await readPeople(PEOPLE_FILE),
    simulated: Object.fromEntries(DEVICE_NAMES.map((name) => [name, stands(name)])) as Record<
      DeviceName,
      boolean
    >,
    clock: systemClock,
    page,
  });
  const app = Fastify();
  await app.register(bench.plugin);
  app.get('/', async (_request, reply) =>
    reply.type('text/html').send('<!doctype html><title>kiosk</title>'),
  );
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    bench,
    url,
    get: (path) => fetch(url + path),
    post: (path, body, headers = {}) =>
      fetch(`${url}/bench/api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      await app.close();
      await bench.close();
    },
  };
}

/** A page as the kiosk prints it: Chinese, with its font inside. */
export async function pdfPage(text: string): Promise<Buffer> {
  const font = import.meta.resolve('@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf');
  const document = new PDFDocument({ size: 'A4', margin: 70 });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => document.on('end', resolve));
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  document.font(new URL(font).pathname).fontSize(30).text('居住证明', { align: 'center' }).moveDown();
  document.fontSize(16).text(text, { lineGap: 10 });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
