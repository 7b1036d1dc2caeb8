import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Needle } from './needles.ts';

const answerSchema = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
/** Millions of them: looking at each would take minutes. */
const numbers = z.custom<readonly number[]>(Array.isArray);
const snapshotSchema = z.object({
  snapshot: z.object({
    meta: z.object({
      node_fields: z.array(z.string()),
      node_types: z.tuple([z.array(z.string())], z.unknown()),
      edge_fields: z.array(z.string()),
      edge_types: z.tuple([z.array(z.string())], z.unknown()),
    }),
  }),
  nodes: numbers,
  edges: numbers,
  strings: z.custom<readonly string[]>(Array.isArray),
});

export interface HeapString {
  /** Its first thousand characters: a snapshot holds no more of any. */
  readonly text: string;
  /** What keeps it alive, from the root on. */
  path(): string;
}

export interface BufferHit {
  readonly what: string;
  /** Of the whole buffer, in bytes. */
  readonly size: number;
  readonly offset: number;
  /** The bytes around it as text. */
  readonly near: string;
}

/** A running Node.js process as its inspector shows it. */
export interface Inspector {
  /**
   * Where these stand in any ArrayBuffer, shared or not, that is alive after a collection of garbage. Afterwards the
   * process's strings may hold what was looked for.
   */
  buffers(needles: readonly Needle[]): Promise<BufferHit[]>;
  /** Every string that is alive after a collection of garbage. */
  strings(): Promise<HeapString[]>;
  close(): void;
}

export async function inspect(address: string): Promise<Inspector> {
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const waiting = new Map<number, { done: (result: unknown) => void; fail: (cause: Error) => void }>();
  let chunks: string[] = [];
  let lastId = 0;
  await new Promise<void>((done, fail) => {
    socket.on('open', done);
    socket.on('error', fail);
  });
  socket.on('message', (data) => {
    const message = answerSchema.parse(JSON.parse(String(data)));
    if (message.method === 'HeapProfiler.addHeapSnapshotChunk')
      chunks.push(z.object({ chunk: z.string() }).parse(message.params).chunk);
    const asked = message.id === undefined ? undefined : waiting.get(message.id);
    if (message.error !== undefined) asked?.fail(new Error(message.error.message));
    else asked?.done(message.result);
  });
  const call = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((done, fail) => {
      lastId += 1;
      waiting.set(lastId, { done, fail });
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
  /** All live objects that have this prototype, as an array in the process. */
  const alive = async (kind: string): Promise<string> => {
    const prototype = remoteSchema.parse(await call('Runtime.evaluate', { expression: `${kind}.prototype` }))
      .result.objectId;
    const found = await call('Runtime.queryObjects', { prototypeObjectId: prototype, objectGroup: 'search' });
    return remoteSchema.parse({ result: z.object({ objects: z.unknown() }).parse(found).objects }).result
      .objectId;
  };
  return {
    buffers: async (needles) => {
      const hits: BufferHit[] = [];
      for (const kind of ['ArrayBuffer', 'SharedArrayBuffer']) {
        const answer = await call('Runtime.callFunctionOn', {
          objectId: await alive(kind),
          functionDeclaration: String(searchAll),
          arguments: [{ value: needles.map(({ bytes }) => bytes.toString('base64')) }],
          returnByValue: true,
        });
        for (const [index, size, offset, near] of hitsSchema.parse(answer).result.value)
          hits.push({ what: needles[index]?.what ?? '', size, offset, near });
      }
      await call('Runtime.releaseObjectGroup', { objectGroup: 'search' });
      return hits;
    },
    strings: async () => {
      await call('HeapProfiler.enable');
      for (let times = 0; times < 3; times++) await call('HeapProfiler.collectGarbage');
      chunks = [];
      await call('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
      const heap = readHeap(JSON.parse(chunks.join('')));
      chunks = [];
      return heap;
    },
    close: () => socket.close(),
  };
}

const remoteSchema = z.object({ result: z.object({ objectId: z.string() }) });
const hitsSchema = z.object({
  result: z.object({
    value: z.array(z.tuple([z.number(), z.number(), z.number(), z.string()])),
  }),
});

/** Runs in the process that is looked into, and leaves nothing there: what is looked for stays out of Node's pool. */
function searchAll(this: readonly ArrayBufferLike[], needles: readonly string[]): (number | string)[][] {
  const hits: (number | string)[][] = [];
  for (const [index, needle] of needles.entries()) {
    const wanted = Buffer.alloc(Buffer.byteLength(needle, 'base64'));
    wanted.write(needle, 'base64');
    for (const buffer of this) {
      const bytes = Buffer.from(buffer);
      const offset = bytes.indexOf(wanted);
      if (offset !== -1)
        hits.push([
          index,
          bytes.length,
          offset,
          bytes.toString('latin1', Math.max(0, offset - 80), offset + 80),
        ]);
    }
    wanted.fill(0);
  }
  return hits;
}

const TEXTS = ['string', 'concatenated string', 'sliced string'];

function readHeap(raw: unknown): HeapString[] {
  const { snapshot, nodes, edges, strings } = snapshotSchema.parse(raw);
  const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta;
  const at = (fields: readonly string[], name: string): number => fields.indexOf(name);
  const [type, name, edgeCount] = ['type', 'name', 'edge_count'].map((each) => at(node_fields, each));
  const [edgeType, edgeName, toNode] = ['type', 'name_or_index', 'to_node'].map((each) =>
    at(edge_fields, each),
  );
  const value = (list: readonly number[], base: number, field: number | undefined): number =>
    list[base + (field ?? 0)] ?? 0;
  const nodeName = (node: number): string => strings[value(nodes, node, name)] ?? '';

  /** Who was met first on the way from the root, and by which edge. */
  const parents = (): Map<number, readonly [number, number]> => {
    const firstEdge: number[] = [];
    for (let node = 0, edge = 0; node < nodes.length; node += node_fields.length) {
      firstEdge.push(edge);
      edge += value(nodes, node, edgeCount) * edge_fields.length;
    }
    const met = new Map<number, readonly [number, number]>();
    let row = [0];
    while (row.length > 0) {
      const next: number[] = [];
      for (const node of row) {
        const from = firstEdge[node / node_fields.length] ?? 0;
        const to = from + value(nodes, node, edgeCount) * edge_fields.length;
        for (let edge = from; edge < to; edge += edge_fields.length) {
          const child = value(edges, edge, toNode);
          const isWeak = edge_types[0][value(edges, edge, edgeType)] === 'weak';
          if (isWeak || child === 0 || met.has(child)) continue;
          met.set(child, [node, edge]);
          next.push(child);
        }
      }
      row = next;
    }
    return met;
  };
  const pathTo = (node: number): string => {
    const met = parents();
    const steps: string[] = [];
    for (let here = node; here !== 0; ) {
      const parent = met.get(here);
      if (parent === undefined) break;
      const [above, edge] = parent;
      const kind = edge_types[0][value(edges, edge, edgeType)] ?? '';
      const label = value(edges, edge, edgeName);
      const step = ['element', 'hidden'].includes(kind) ? String(label) : (strings[label] ?? '');
      steps.unshift(`${nodeName(above).slice(0, 40)}.${step.slice(0, 40)}`);
      here = above;
    }
    return steps.join(' > ');
  };

  const found: HeapString[] = [];
  for (let node = 0; node < nodes.length; node += node_fields.length) {
    if (!TEXTS.includes(node_types[0][value(nodes, node, type)] ?? '')) continue;
    found.push({ text: nodeName(node), path: () => pathTo(node) });
  }
  return found;
}
