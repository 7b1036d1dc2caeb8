import { z } from 'zod';

/**
 * What passes over a PC/SC link, in both directions. A frame is a kind (1 byte), a length (2 bytes, big-endian) and a
 * payload. Bytes, not objects, so that the link is one like any other: recorded, replayed, cut and wiped.
 */

/** A reader as PC/SC names it, and the card in it. */
export interface PcscReader {
  readonly name: string;
  /** Answer to reset, hexadecimal; null: no card. The same for all cards of one make. */
  readonly atr: string | null;
}

/** Why a command did not reach the card. */
export type PcscFailure = 'card-removed' | 'card-mute' | 'no-reader' | 'failed';
const failures: readonly PcscFailure[] = ['card-removed', 'card-mute', 'no-reader', 'failed'];

export type PcscFrame =
  /** All readers; told when asked for and after each change. */
  | { readonly kind: 'readers'; readonly readers: readonly PcscReader[] }
  /** `bytes`: the card's answer with its status word. */
  | { readonly kind: 'answer'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: PcscFailure }
  /** Tell the readers now. */
  | { readonly kind: 'list' }
  | { readonly kind: 'transmit'; readonly id: number; readonly reader: string; readonly command: Uint8Array };

const KIND = {
  readers: 0x01,
  answer: 0x02,
  failed: 0x03,
  list: 0x10,
  transmit: 0x11,
} as const;
const HEADER_BYTES = 3;

const readersSchema = z.array(z.strictObject({ name: z.string(), atr: z.string().nullable() }));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function encodePcscFrame(frame: PcscFrame): Uint8Array {
  switch (frame.kind) {
    case 'readers':
      return pack(KIND.readers, Buffer.from(JSON.stringify(frame.readers)));
    case 'answer':
      return pack(KIND.answer, Uint8Array.of(frame.id, ...frame.bytes));
    case 'failed':
      return pack(KIND.failed, Uint8Array.of(frame.id, failures.indexOf(frame.failure)));
    case 'list':
      return pack(KIND.list, new Uint8Array(0));
    case 'transmit': {
      const name = Buffer.from(frame.reader);
      return pack(KIND.transmit, Uint8Array.of(frame.id, name.length, ...name, ...frame.command));
    }
    default:
      return frame satisfies never;
  }
}

function pack(kind: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(kind, payload.length >> 8, payload.length & 0xff, ...payload);
}

/** null: not a frame that one of ours would write. */
function decode(kind: number, payload: Uint8Array): PcscFrame | null {
  const [id = 0, second = 0] = payload;
  switch (kind) {
    case KIND.readers: {
      const parsed = readersSchema.safeParse(parseJson(text(payload)));
      return parsed.success ? { kind: 'readers', readers: parsed.data } : null;
    }
    case KIND.answer:
      return payload.length > 0 ? { kind: 'answer', id, bytes: payload.slice(1) } : null;
    case KIND.failed: {
      const failure = failures[second];
      return payload.length === 2 && failure !== undefined ? { kind: 'failed', id, failure } : null;
    }
    case KIND.list:
      return { kind: 'list' };
    case KIND.transmit: {
      const at = 2 + second;
      if (payload.length <= at) return null;
      return { kind: 'transmit', id, reader: text(payload.subarray(2, at)), command: payload.slice(at) };
    }
    default:
      return null;
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Cuts a stream into frames; `null` among them stands for one that makes no sense. Wipes what it has used. */
export function pcscFrameParser(): (chunk: Uint8Array) => (PcscFrame | null)[] {
  let pending = new Uint8Array(0);
  return (chunk) => {
    const joined = new Uint8Array(pending.length + chunk.length);
    joined.set(pending);
    joined.set(chunk, pending.length);
    pending.fill(0);
    const frames: (PcscFrame | null)[] = [];
    let at = 0;
    for (;;) {
      const [kind, high = 0, low = 0] = joined.subarray(at, at + HEADER_BYTES);
      const end = at + HEADER_BYTES + (high << 8) + low;
      if (kind === undefined || joined.length < at + HEADER_BYTES || joined.length < end) break;
      frames.push(decode(kind, joined.subarray(at + HEADER_BYTES, end)));
      at = end;
    }
    pending = joined.slice(at);
    joined.fill(0);
    return frames;
  };
}
