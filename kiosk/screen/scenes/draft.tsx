import { CardPicture, Scene, Sheet } from './scene.tsx';

/** From the card to the certificate: what the card's words are used for. */
export function CardToSheet() {
  return (
    <Scene height={300}>
      <g transform="translate(150 156) rotate(-5) scale(1.05)">
        <CardPicture />
      </g>
      <path className="line arrow" d="M300 152h62m-20-20 20 20-20 20" />
      <g transform="translate(470 30) rotate(3) scale(1.2)">
        <Sheet />
      </g>
    </Scene>
  );
}

/** A certificate that waits for its last words, with the brush beside it. */
export function Draft({ finished = false }: { finished?: boolean }) {
  return (
    <Scene height={300}>
      <g transform="translate(262 34) rotate(-3) scale(1.25 1.2)">
        <path className="line sheet-face" d="M-75 0H75V190H-75z" />
        <path className="line thin" d="M-32 28h64M-52 54h104M-52 76h104" />
        <path className={finished ? 'line thin' : 'line dashed thin'} d="M-52 104h104M-52 126h70" />
        {finished && <path className="line dashed thin seal-edge" d="M34 138a22 22 0 1 1-.1 0z" />}
      </g>
      <g transform={finished ? 'translate(446 212) rotate(66)' : 'translate(356 156) rotate(38)'}>
        <path className="line sleeve" d="M-7-128h14l3 104h-20z" />
        <path className="line card-face" d="M-11-24h22l2 16h-26z" />
        <path className="line hair" d="M-13-8h26c2 18-8 30-13 44-5-14-15-26-13-44z" />
        <path className="line thin" d="M0-128v-14" />
      </g>
      <g transform="translate(452 236)">
        <path
          className="line slab"
          d="M-62-8c20-16 104-16 124 0 4 4 4 22 0 26-20 16-104 16-124 0-4-4-4-22 0-26z"
        />
        <ellipse className="line hair" cx="0" cy="0" rx="44" ry="11" />
      </g>
    </Scene>
  );
}
