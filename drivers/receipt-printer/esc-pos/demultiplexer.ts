/**
 * Tells apart what a printer says: one stream for everything. Pure but for its state.
 *
 * What the protocol leaves open is resolved so that nothing counts as printed that is not. The bytes of an automatic
 * status after its first and the answer to GS r look alike: of whatever follows a first byte three are taken for
 * status. However the two are interleaved, at no moment have more barriers been told than answers to GS r have come
 * in; what can suffer is the content of that status, which is therefore only a reason to ask. When bytes of a status
 * were lost on the line the rest may look like barriers: the driver believes in a barrier only when it stands alone.
 */

import {
  decodeAutomatic,
  isAutomaticStart,
  isPlainByte,
  isRealTimeAnswer,
  type PrinterCondition,
} from './status.ts';

export type AnswerEvent =
  | { readonly kind: 'real-time'; readonly byte: number }
  | { readonly kind: 'automatic'; readonly condition: PrinterCondition }
  /** The answer to GS r 1: everything sent before it has been worked through. */
  | { readonly kind: 'barrier' }
  /** The answer to GS I 67. */
  | { readonly kind: 'model'; readonly name: string }
  /** A byte that belongs to no answer (e.g. XON/XOFF); dropped. */
  | { readonly kind: 'noise'; readonly byte: number };

export interface Demultiplexer {
  /** Bytes as they come, split anywhere; real-time answers may interrupt automatic status and the model's name. */
  feed(chunk: Uint8Array): AnswerEvent[];
  /** GS I has been asked: the next 5F begins its answer. */
  expectModel(): void;
}

const MODEL_START = 0x5f;
const MODEL_MAX = 80;
const PRINTABLE = { from: 0x20, to: 0x7e };

export const createDemultiplexer = (): Demultiplexer => {
  let automatic: number[] = [];
  let modelExpected = false;
  let model: string | null = null;

  const inModel = (name: string, byte: number): AnswerEvent | null => {
    if (byte === 0 || name.length === MODEL_MAX) {
      model = null;
      return byte === 0 ? { kind: 'model', name } : { kind: 'noise', byte };
    }
    model = name + String.fromCharCode(byte);
    return null;
  };

  const one = (byte: number): AnswerEvent | null => {
    const printable = byte >= PRINTABLE.from && byte <= PRINTABLE.to;
    if (model !== null && (printable || byte === 0)) return inModel(model, byte);
    if (modelExpected && byte === MODEL_START) {
      modelExpected = false;
      model = '';
      return null;
    }
    if (isRealTimeAnswer(byte)) return { kind: 'real-time', byte };
    if (isAutomaticStart(byte)) {
      automatic = [byte];
      return null;
    }
    if (!isPlainByte(byte)) return { kind: 'noise', byte };
    const [first, second, third] = automatic;
    if (first === undefined) return { kind: 'barrier' };
    if (second === undefined || third === undefined) {
      automatic.push(byte);
      return null;
    }
    automatic = [];
    return { kind: 'automatic', condition: decodeAutomatic([first, second, third, byte]) };
  };

  return {
    feed: (chunk) => Array.from(chunk, one).filter((event) => event !== null),
    expectModel() {
      modelExpected = true;
    },
  };
};
