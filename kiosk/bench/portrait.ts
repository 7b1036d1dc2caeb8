/**
 * Draws the invented people: a few ink lines and flat colours, the same face for the same person every time.
 * Pure; the result is SVG source.
 */

/** What a face follows from. */
export interface Look {
  /** Any text; decides everything that is not named here. */
  readonly seed: string;
  /** Whole years. */
  readonly age: number;
  readonly sex: 'female' | 'male';
}

const INK = '#2b211c';
const SKINS = ['#f3cfae', '#eec29c', '#e5b48a', '#f6d8bd'];
const YOUNG_HAIR = ['#241a17', '#2f2320', '#3a2a22', '#1d1a1f'];
const GREY_HAIR = ['#8d8782', '#a9a39d', '#c3bdb6'];
const WHITE_HAIR = ['#d8d3cc', '#e4e0da', '#cbc6bf'];
const CLOTHES = ['#0a5a4a', '#7a4b3a', '#375a7f', '#6d4f7d', '#8a6d1f', '#9c4a3c', '#4d6b3c', '#5b5f66'];

/** Mulberry32 over an FNV-1a hash: small, and the same everywhere. */
function seeded(seed: string): () => number {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Head and shoulders around (320, 250), about 330 wide and 380 high, for a drawing of 640 x 480. */
function bust(look: Look): string {
  const random = seeded(look.seed);
  const pick = <T>(from: readonly [T, ...T[]] | readonly T[], otherwise: T): T =>
    from[Math.floor(random() * from.length)] ?? otherwise;
  const wobble = (amount = 3) => (random() - 0.5) * 2 * amount;

  const skin = pick(SKINS, '#f3cfae');
  const hair = pick(look.age > 68 ? WHITE_HAIR : look.age > 56 ? GREY_HAIR : YOUNG_HAIR, '#2f2320');
  const cloth = pick(CLOTHES, '#0a5a4a');
  const width = 82 + random() * 12;
  const height = 106 + random() * 10;
  const glasses = random() < (look.age > 55 ? 0.6 : 0.3);
  const style = Math.floor(random() * 3);
  const top = 250 - height;
  const left = 320 - width;
  const right = 320 + width;

  const line = (d: string, strokeWidth = 4, fill = 'none') =>
    `<path d="${d}" fill="${fill}" stroke="${INK}" stroke-width="${strokeWidth}" stroke-linecap="round" stroke-linejoin="round"/>`;
  const n = (value: number) => value.toFixed(1);

  const shoulders = line(
    `M${n(132 + wobble())} 480 C${n(150 + wobble())} 400 ${n(224 + wobble())} 376 276 366 L364 366 C${n(416 + wobble())} 376 ${n(490 + wobble())} 400 ${n(508 + wobble())} 480 Z`,
    4,
    cloth,
  );
  const collar =
    style === 0
      ? line('M276 366 L320 424 L364 366', 4, '#fbf7ef')
      : style === 1
        ? line('M262 370 C290 412 350 412 378 370', 4, skin)
        : line('M268 366 C290 392 350 392 372 366 L378 384 C350 414 290 414 262 384 Z', 4, cloth);
  const neck = line(
    `M284 320 L${n(280 + wobble(2))} 372 C300 396 340 396 ${n(360 + wobble(2))} 372 L356 320`,
    4,
    skin,
  );
  const ears = [left, right]
    .map((x) => line(`M${n(x)} 240 c${x < 320 ? -18 : 18} -8 ${x < 320 ? -18 : 18} 40 0 38`, 4, skin))
    .join('');
  const face = line(
    `M${n(left)} 226 C${n(left)} ${n(top - 14)} ${n(right)} ${n(top - 14)} ${n(right)} 226 C${n(right)} ${n(250 + height * 0.62)} ${n(346 + wobble())} ${n(250 + height)} 320 ${n(250 + height)} C${n(294 + wobble())} ${n(250 + height)} ${n(left)} ${n(250 + height * 0.62)} ${n(left)} 226 Z`,
    4,
    skin,
  );

  const eyeY = 240 + wobble(3);
  const eyes = [286, 354]
    .map((x) =>
      look.age > 64
        ? line(`M${x - 13} ${n(eyeY)} q13 -9 26 0`, 4)
        : `<ellipse cx="${x}" cy="${n(eyeY)}" rx="6" ry="7.5" fill="${INK}"/>${line(`M${x - 14} ${n(eyeY - 8)} q14 -8 28 0`, 3)}`,
    )
    .join('');
  const brows = [286, 354]
    .map((x) =>
      line(
        `M${x - 17} ${n(eyeY - 24 + wobble(2))} q17 ${n(-8 + wobble(3))} 34 0`,
        look.sex === 'male' ? 6 : 4,
      ),
    )
    .join('');
  const nose = line(`M${n(321 + wobble(2))} 254 q-12 24 4 26`, 3.5);
  const mouth = line(`M292 ${n(306 + wobble(2))} q28 ${n(18 + random() * 10)} 56 0`, 4);
  const cheeks = [272, 368]
    .map((x) => `<ellipse cx="${x}" cy="286" rx="17" ry="10" fill="#d9705a" opacity=".28"/>`)
    .join('');
  const wrinkles =
    look.age > 58
      ? line(`M262 290 q-4 16 4 26 M378 290 q4 16 -4 26 M284 ${n(top + 58)} q36 -8 72 0`, 2) +
        (look.age > 70 ? line(`M292 ${n(top + 46)} q28 -6 56 0`, 2) : '')
      : '';
  const spectacles = glasses
    ? [284, 356]
        .map(
          (x) =>
            `<circle cx="${x}" cy="${n(eyeY)}" r="25" fill="#fff" fill-opacity=".22" stroke="${INK}" stroke-width="4"/>`,
        )
        .join('') +
      line(
        `M309 ${n(eyeY)} q11 -7 22 0 M259 ${n(eyeY)} L${n(left)} ${n(eyeY - 6)} M381 ${n(eyeY)} L${n(right)} ${n(eyeY - 6)}`,
        3.5,
      )
    : '';

  const crown = `M${n(left - 4)} 226 C${n(left - 14)} ${n(top - 26)} ${n(right + 14)} ${n(top - 26)} ${n(right + 4)} 226`;
  let behind = '';
  let front: string;
  if (look.sex === 'female') {
    const long = look.age < 45 && style !== 1;
    behind = long
      ? line(
          `M${n(left - 18)} 214 C${n(left - 40)} ${n(top - 54)} ${n(right + 40)} ${n(top - 54)} ${n(right + 18)} 214 L${n(right + 34 + wobble(6))} 400 L${n(left - 34 + wobble(6))} 400 Z`,
          4,
          hair,
        )
      : look.age > 60
        ? line('M298 146 a30 26 0 1 1 44 0 z', 4, hair) +
          line(
            `M${n(left - 12)} 246 C${n(left - 22)} ${n(top - 40)} ${n(right + 22)} ${n(top - 40)} ${n(right + 12)} 246 Z`,
            4,
            hair,
          )
        : line(
            `M${n(left - 18)} 214 C${n(left - 36)} ${n(top - 52)} ${n(right + 36)} ${n(top - 52)} ${n(right + 18)} 214 L${n(right + 14)} 320 L${n(left - 14)} 320 Z`,
            4,
            hair,
          );
    front =
      style === 2
        ? line(
            `${crown} C${n(right - 6)} ${n(top + 62)} 342 ${n(top + 52)} 320 ${n(top + 24)} C298 ${n(top + 52)} ${n(left + 6)} ${n(top + 62)} ${n(left - 4)} 226 Z`,
            4,
            hair,
          )
        : line(
            `${crown} C${n(right - 10)} ${n(top + 70)} 360 ${n(top + 44)} 276 ${n(top + 34)} C262 ${n(top + 60)} ${n(left + 10)} ${n(top + 80)} ${n(left - 4)} 226 Z`,
            4,
            hair,
          );
  } else if (look.age > 62 || (look.age > 48 && style === 2)) {
    front =
      line(
        `M${n(left - 3)} 236 C${n(left - 18)} 190 ${n(left - 6)} ${n(top + 62)} ${n(left + 16)} ${n(top + 56)} C${n(left + 10)} ${n(top + 70)} ${n(left + 10)} 210 ${n(left - 3)} 236 Z`,
        4,
        hair,
      ) +
      line(
        `M${n(right + 3)} 236 C${n(right + 18)} 190 ${n(right + 6)} ${n(top + 62)} ${n(right - 16)} ${n(top + 56)} C${n(right - 10)} ${n(top + 70)} ${n(right - 10)} 210 ${n(right + 3)} 236 Z`,
        4,
        hair,
      );
  } else if (style === 1) {
    front = line(
      `${crown} L${n(right - 10)} 196 C${n(right - 14)} ${n(top + 48)} ${n(left + 14)} ${n(top + 48)} ${n(left + 10)} 196 Z`,
      4,
      hair,
    );
  } else {
    front = line(
      `${crown} L${n(right - 8)} 200 C${n(right - 14)} ${n(top + 54)} 340 ${n(top + 60)} 270 ${n(top + 30)} C264 ${n(top + 52)} ${n(left + 14)} ${n(top + 60)} ${n(left + 8)} 200 Z`,
      4,
      hair,
    );
  }

  return [
    behind,
    neck,
    shoulders,
    collar,
    ears,
    face,
    cheeks,
    wrinkles,
    nose,
    mouth,
    eyes,
    brows,
    front,
    spectacles,
  ].join('');
}

/** A wall, a window, a counter with a plant: the room the camera looks into. */
const ROOM = [
  '<rect width="640" height="480" fill="#e9dfcc"/>',
  '<path d="M0 392 H640 V480 H0 Z" fill="#cdb896"/>',
  `<path d="M0 392 C160 388 470 396 640 391" fill="none" stroke="${INK}" stroke-width="3" stroke-linecap="round"/>`,
  `<g stroke="${INK}" stroke-width="3.5" stroke-linejoin="round"><path d="M40 62 L190 58 L192 226 L42 230 Z" fill="#cfe3e2"/><path d="M116 60 L117 228 M41 146 L191 143" fill="none"/></g>`,
  `<g stroke="${INK}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"><path d="M556 392 L562 330 H606 L612 392 Z" fill="#a5573f"/><path d="M584 330 C578 270 552 262 540 232 C574 236 590 268 584 330 Z" fill="#4d7a52"/><path d="M584 330 C588 256 612 250 622 214 C630 256 612 290 584 330 Z" fill="#5d8c5e"/><path d="M584 330 C580 280 584 236 572 196 C604 228 604 280 584 330 Z" fill="#3f6a49"/></g>`,
].join('');

/** Nobody there: a stool waits. */
const STOOL = `<g stroke="${INK}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"><path d="M276 402 L258 480 M364 402 L382 480 M300 404 L296 480 M340 404 L344 480" fill="none"/><path d="M262 386 C262 372 378 372 378 386 C378 406 262 406 262 386 Z" fill="#8a5a3c"/></g>`;

const svg = (viewBox: string, width: number, height: number, content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${viewBox}">${content}</svg>`;

/** Light that reaches the picture where the lamp is off: a screen's glow. */
const DARKEST = 0.93;

/**
 * What the camera sees, 640 x 480.
 * @param light 0 (lamp off) to 1 (full light)
 */
export function drawCameraStill(look: Look | null, light: number): string {
  const darkness = (1 - light) * DARKEST;
  const lamp =
    '<radialGradient id="lamp" cx=".5" cy=".35" r=".75"><stop offset="0" stop-color="#ffe9b8" stop-opacity=".5"/><stop offset="1" stop-color="#ffe9b8" stop-opacity="0"/></radialGradient>';
  return svg(
    '0 0 640 480',
    640,
    480,
    `<defs>${lamp}</defs>${ROOM}${look ? bust(look) : STOOL}` +
      `<rect width="640" height="480" fill="url(#lamp)" opacity="${(light * 0.55).toFixed(3)}"/>` +
      `<rect width="640" height="480" fill="#0b0d12" opacity="${darkness.toFixed(3)}"/>`,
  );
}

/** A portrait for a card or a badge, 240 x 300, on a plain ground. */
export const drawPortrait = (look: Look): string =>
  svg(
    '155 78 330 412',
    240,
    300,
    `<rect x="155" y="78" width="330" height="412" fill="#e8efec"/>${bust(look)}`,
  );
