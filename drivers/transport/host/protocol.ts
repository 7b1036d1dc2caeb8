import type { NativeConfig } from '../native.ts';

/** What the process that uses ports says to the one that holds them. `id` names an opening, `write` one write of it. */
export type ToHost =
  | { readonly type: 'open'; readonly id: number; readonly config: NativeConfig }
  | { readonly type: 'write'; readonly id: number; readonly write: number; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'list'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number };

/** What it is told back; `ready` is the first thing, and belongs to nothing (`id` 0), as do `ping` and its `pong`. `ports` is checked by whoever asked for it. */
export type FromHost =
  | { readonly type: 'ready'; readonly id: number }
  | { readonly type: 'opened'; readonly id: number }
  | { readonly type: 'refused'; readonly id: number; readonly reason: string }
  | { readonly type: 'data'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'written'; readonly id: number; readonly write: number }
  | { readonly type: 'ended'; readonly id: number; readonly reason: string }
  | { readonly type: 'ports'; readonly id: number; readonly ports: unknown }
  | { readonly type: 'pong'; readonly id: number };

/** The message, or null for what is none: a process that runs foreign native code may say anything. */
export function readFromHost(value: unknown): FromHost | null {
  if (typeof value !== 'object' || value === null) return null;
  const message = value as Readonly<Record<string, unknown>>;
  const { type, id, reason, bytes, write, ports } = message;
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return null;
  switch (type) {
    case 'ready':
    case 'opened':
    case 'pong':
      return { type, id };
    case 'refused':
    case 'ended':
      return typeof reason === 'string' ? { type, id, reason } : null;
    case 'data':
      return bytes instanceof Uint8Array ? { type, id, bytes } : null;
    case 'written':
      return typeof write === 'number' ? { type, id, write } : null;
    case 'ports':
      return { type, id, ports };
    default:
      return null;
  }
}
