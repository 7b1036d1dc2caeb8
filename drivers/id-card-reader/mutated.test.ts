import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IdCard, IdCardReading } from './card.ts';
import { type CommandName, encodeReply, joinPayload, SW3 } from './codec.ts';
import { ReadSteps } from './read-steps.ts';
import { decodeRecord } from './record.ts';
import { encodeRecord } from './record-encode.ts';
import { ReplyReader } from './reply-reader.ts';
import { opaqueBytes } from './simulated-bytes.ts';
import { type Dice, dice } from './testing/dice.ts';
import { anyCard } from './testing/invented-cards.ts';
import { mutated } from './testing/mutations.ts';

const SEED = 467;
const FRAMES = 1_000_000;
/** How many replies of a session are damaged; the others let some readings succeed. */
const SHARE = 0.75;
const MOST_STEPS = 60;

interface Laid {
  readonly card: IdCard;
  readonly reading: IdCardReading;
  /** What a reader with this card answers. */
  readonly replies: Readonly<Record<CommandName, Uint8Array>>;
}

const ok = (data: Uint8Array) => encodeReply(SW3.ok, data);

function laid(invented: IdCard, index: number): Laid {
  const record = encodeRecord(invented);
  const decoded = decodeRecord(record);
  if (!decoded.ok) throw new Error(decoded.error.detail);
  const card = decoded.value;
  const photo = opaqueBytes(`photo ${index}`, 64);
  const fingerprint = opaqueBytes(`print ${index}`, 32);
  const latestAddress = index % 2 === 0 ? null : `虚构新路${index}号`;
  const address = Buffer.from((latestAddress ?? '').padEnd(35), 'utf16le');
  return {
    card,
    reading: { card, photo, fingerprint, latestAddress },
    replies: {
      resetSam: ok(new Uint8Array(0)),
      samStatus: ok(new Uint8Array(0)),
      setBaudRate: ok(new Uint8Array(0)),
      samId: ok(new Uint8Array(16)),
      findCard: encodeReply(SW3.cardFound, new Uint8Array(4)),
      selectCard: ok(new Uint8Array(8)),
      readCard: ok(joinPayload(record, photo, null)),
      readCardWithFingerprint: ok(joinPayload(record, photo, fingerprint)),
      readLatestAddress: latestAddress === null ? encodeReply(SW3.itemAbsent) : ok(address),
    },
  };
}

/** One reading over a line, on which nothing has happened yet, that damages replies: everything of the driver between the port and its caller. */
function readOver(line: ReplyReader, card: Laid, chance: Dice) {
  const steps = new ReadSteps({
    fingerprint: true,
    latestAddress: true,
    alreadySelected: false,
    damaged: () => line.damaged,
  });
  let damaged = 0;
  let move = steps.start();
  for (let step = 0; step < MOST_STEPS; step++) {
    if (move.kind === 'done' || move.kind === 'failed') return { move, damaged };
    const command = move.kind === 'poll' ? 'findCard' : move.command;
    const harm = chance.chance(SHARE);
    if (harm) damaged += 1;
    const bytes = harm ? mutated(card.replies[command], chance) : card.replies[command];
    const cut = chance.roll(bytes.length + 1);
    line.begin(command);
    const reply = line.push(bytes.subarray(0, cut)) ?? line.push(bytes.subarray(cut)) ?? line.quiet();
    line.end();
    if (reply === null) move = steps.next({ kind: 'silence' });
    else if (reply === 'garbled') move = steps.next({ kind: 'garbled' });
    else move = steps.next({ kind: 'reply', reply });
  }
  return { move, damaged };
}

test('a million mutated frames: no crash, no hang, no wrong record', () => {
  const before = process.cpuUsage();
  const cards = fc.sample(anyCard, { numRuns: 40, seed: SEED }).map(laid);
  const chance = dice(SEED);
  const seen = { frames: 0, read: 0, refused: new Map<string, number>(), unfinished: 0, wrong: 0 };
  for (let session = 0; seen.frames < FRAMES; session++) {
    const card = cards[session % cards.length];
    if (card === undefined) throw new Error('no cards');
    const { move, damaged } = readOver(new ReplyReader(), card, chance);
    seen.frames += damaged;
    if (move.kind === 'failed') {
      seen.refused.set(move.error.reason, (seen.refused.get(move.error.reason) ?? 0) + 1);
    } else if (move.kind === 'done') {
      seen.read += 1;
      const { latestAddress, fingerprint, ...rest } = move.reading;
      const { latestAddress: held, fingerprint: print, ...expected } = card.reading;
      // A reader that says it knows no such request is believed: then the item is absent, never another one.
      const right =
        isDeepStrictEqual(rest, expected) &&
        (latestAddress === undefined || latestAddress === held) &&
        (fingerprint.length === 0 || isDeepStrictEqual(fingerprint, print));
      if (!right) seen.wrong += 1;
    } else seen.unfinished += 1;
  }
  console.log(
    `${seen.frames} mutated frames: ${seen.read} readings right, ${seen.wrong} wrong, ` +
      `${[...seen.refused].map(([reason, times]) => `${times} ${reason}`).join(', ')}, ${seen.unfinished} still polling; ${Math.round(process.cpuUsage(before).user / 1e6)} s`,
  );
  expect(seen.wrong).toBe(0);
  expect(seen.read).toBeGreaterThan(1000);
}, 600_000);
