import { z } from 'zod';

/** What stands in the places of a template. */
export interface TemplateValues {
  /** The board's number of the output, 0-255. */
  readonly channel: number;
  /** Brightness, 0-255. */
  readonly level: number;
}

const TOKEN = /^([0-9a-fA-F]{2}|\{(channel|level|sum|xor)\})$/;

/**
 * Bytes of a command as text, e.g. `A0 {channel} 01 {sum}`: hexadecimal bytes and places, separated by spaces. `{sum}`
 * and `{xor}` are made of all bytes before them.
 */
export const templateSchema = z
  .string()
  .refine((text) => text.split(' ').every((token) => TOKEN.test(token)), {
    message: 'write hexadecimal bytes and {channel}, {level}, {sum} or {xor}, separated by single spaces',
  });

/** The template's bytes. */
export function render(template: string, { channel, level }: TemplateValues): Uint8Array {
  const bytes: number[] = [];
  for (const token of template.split(' ')) bytes.push(byteOf(token, bytes, channel, level));
  return Uint8Array.from(bytes);
}

function byteOf(token: string, before: readonly number[], channel: number, level: number): number {
  switch (token) {
    case '{channel}':
      return channel;
    case '{level}':
      return level;
    case '{sum}':
      return before.reduce((sum, byte) => (sum + byte) & 0xff, 0);
    case '{xor}':
      return before.reduce((xor, byte) => xor ^ byte, 0);
    default:
      return Number.parseInt(token, 16);
  }
}
