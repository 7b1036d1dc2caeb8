import type { Dice } from './dice.ts';

type Mutation = (frame: Uint8Array, dice: Dice) => Uint8Array;

const xorOf = (bytes: Uint8Array): number => {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
};

/** Makes length and checksum of a frame right for what it holds now. */
function reseal(frame: Uint8Array): Uint8Array {
  const length = frame.length - 7;
  frame[5] = length >> 8;
  frame[6] = length & 0xff;
  frame[frame.length - 1] = xorOf(frame.subarray(5, frame.length - 1));
  return frame;
}

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const noise = (size: number, dice: Dice): Uint8Array =>
  Uint8Array.from({ length: size }, () => dice.roll(256));

/** Two places in order. */
const range = (frame: Uint8Array, dice: Dice): [number, number] => {
  const [a, b] = [dice.roll(frame.length + 1), dice.roll(frame.length + 1)];
  return a < b ? [a, b] : [b, a];
};

const changed = (frame: Uint8Array, at: number, dice: Dice): void => {
  frame[at] = (frame[at] ?? 0) ^ (1 + dice.roll(255));
};

/** What lines, adapters and bad firmware do to a frame; every one takes a copy and may change it. */
const MUTATIONS: readonly Mutation[] = [
  (frame, dice) => {
    const at = dice.roll(frame.length);
    frame[at] = (frame[at] ?? 0) ^ (1 << dice.roll(8));
    return frame;
  },
  (frame, dice) => {
    for (let left = 2 + dice.roll(4); left > 0; left--) changed(frame, dice.roll(frame.length), dice);
    return frame;
  },
  // The same bit twice, or two bytes exchanged: the checksum stays right.
  (frame, dice) => {
    const bit = 1 << dice.roll(8);
    for (let left = 2; left > 0; left--) {
      const at = 7 + dice.roll(frame.length - 8);
      frame[at] = (frame[at] ?? 0) ^ bit;
    }
    return frame;
  },
  (frame, dice) => {
    const at = 7 + dice.roll(frame.length - 9);
    frame.set([frame[at + 1] ?? 0, frame[at] ?? 0], at);
    return frame;
  },
  // A burst.
  (frame, dice) => {
    const [from, to] = range(frame, dice);
    frame.set(noise(Math.min(to - from, 40), dice), from);
    return frame;
  },
  // Lost, invented and doubled bytes.
  (frame, dice) => {
    const [from, to] = range(frame, dice);
    return join(frame.subarray(0, from), frame.subarray(to));
  },
  (frame, dice) => {
    const at = dice.roll(frame.length);
    return join(frame.subarray(0, at), noise(1 + dice.roll(20), dice), frame.subarray(at));
  },
  (frame, dice) => {
    const [from, to] = range(frame, dice);
    return join(frame.subarray(0, to), frame.subarray(from));
  },
  // A length that is a lie, with a right checksum for it.
  (frame, dice) => {
    const [from, to] = range(frame, dice);
    const shorter = join(frame.subarray(0, from), frame.subarray(to));
    return shorter.length < 12 ? shorter : reseal(shorter);
  },
  (frame, dice) => reseal(join(frame, noise(1 + dice.roll(200), dice))),
  // Another status, or another content, with a right checksum.
  (frame, dice) => {
    frame[9] = dice.roll(256);
    return reseal(frame);
  },
  (frame, dice) => {
    changed(frame, 7 + dice.roll(frame.length - 8), dice);
    return reseal(frame);
  },
  // Twice, in noise, or not at all.
  (frame) => join(frame, frame),
  (frame, dice) => join(noise(dice.roll(60), dice), frame, noise(dice.roll(60), dice)),
  () => new Uint8Array(0),
];

/** A copy of the frame with something done to it. */
export function mutated(frame: Uint8Array, dice: Dice): Uint8Array {
  const mutation = MUTATIONS[dice.roll(MUTATIONS.length)];
  return mutation === undefined ? frame : mutation(frame.slice(), dice);
}
