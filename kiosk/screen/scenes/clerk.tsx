import { CardPicture, Scene } from './scene.tsx';

/** A member of staff behind the counter, with time for you. */
export function Clerk({ says }: { says: 'heart' | 'card' | 'wait' }) {
  return (
    <Scene>
      <path className="line tint" d="M170 340c4-84 44-122 130-122s126 38 130 122z" />
      <path className="line skin" d="M268 196v30c10 22 54 22 64 0v-30z" />
      <path className="line sheet-face" d="M262 222 300 268l38-46 14 6-26 58-26-18-26 18-26-58z" />
      <path className="line skin" d="M240 128c0 54 24 92 60 92s60-38 60-92c0-40-24-62-60-62s-60 22-60 62z" />
      <path
        className="line hair"
        d="M234 146c-12-66 16-110 68-110 50 0 78 44 64 110-4-28-12-46-26-56-30 14-62 12-84-2-12 12-18 32-22 58z"
      />
      <path className="line" d="M270 142v9M330 142v9M276 180c14 14 34 14 48 0" />
      <rect className="line card-face" x="350" y="272" width="44" height="56" rx="6" />
      <path className="line thin" d="M372 272v-26M360 312h24" />
      <circle className="seal-dot" cx="372" cy="294" r="7" />
      <path className="line slab" d="M60 340h480c8 0 12 4 12 12v32H48v-32c0-8 4-12 12-12z" />
      <path
        className="line sheet-face"
        d="M100 120h96c12 0 18 6 18 18v40c0 12-6 18-18 18h-30l-22 26-2-26h-42c-12 0-18-6-18-18v-40c0-12 6-18 18-18z"
      />
      {says === 'heart' && (
        <path
          className="heart"
          d="M148 184c-20-13-28-22-28-33 0-9 6-15 14-15 6 0 11 3 14 9 3-6 8-9 14-9 8 0 14 6 14 15 0 11-8 20-28 33z"
        />
      )}
      {says === 'card' && (
        <g transform="translate(148 159) scale(.36)">
          <CardPicture />
        </g>
      )}
      {says === 'wait' && (
        <g className="code">
          <circle cx="122" cy="159" r="7" />
          <circle cx="148" cy="159" r="7" />
          <circle cx="174" cy="159" r="7" />
        </g>
      )}
    </Scene>
  );
}
