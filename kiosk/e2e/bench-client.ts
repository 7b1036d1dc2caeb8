import { z } from 'zod';

const peopleSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    role: z.enum(['resident', 'volunteer', 'staff', 'technician']),
    pin: z.string().optional(),
  }),
);
const traysSchema = z.array(
  z.object({ id: z.string(), kind: z.enum(['certificate', 'receipt']), href: z.string() }),
);

/** Hands on the bench, over the API that people's programs use. */
export function benchAt(kioskUrl: string) {
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(`/bench/api/${path}`, kioskUrl), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`bench ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    people: async () => peopleSchema.parse(await call('GET', 'people')),
    trays: async () => traysSchema.parse(await call('GET', 'trays')),
    card: (person: string | null) => call('POST', 'card', { person }),
    badge: (person: string) => call('POST', 'badge', { person }),
    camera: (person: string | null, light: number) => call('POST', 'camera', { person, light }),
    fault: (device: string, fault: string | null) => call('POST', `device/${device}`, { fault }),
    network: (online: boolean) => call('POST', 'network', { online }),
    take: (id: string) => call('POST', `trays/${id}/take`, {}),
    paper: async (kind: 'certificate' | 'receipt') =>
      traysSchema.parse(await call('GET', 'trays')).filter((sheet) => sheet.kind === kind),
    fetch: async (href: string) => new Uint8Array(await (await fetch(new URL(href, kioskUrl))).arrayBuffer()),
  };
}
export type BenchClient = ReturnType<typeof benchAt>;
