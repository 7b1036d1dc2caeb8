import type { ReactNode } from 'react';

interface SceneProps {
  readonly children: ReactNode;
  readonly height?: number;
  /** More room above, for what is far away. */
  readonly above?: number;
}

/** The frame of every picture: few lines, hidden from screen readers, because the sentence says the same. */
export function Scene({ children, height = 400, above = 0 }: SceneProps) {
  return (
    <svg
      className="picture"
      viewBox={`0 ${-above} 600 ${height + above}`}
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** Far hills and a red sun, as in an ink painting; fading out at the sides. */
export function Hills({ sun = 118, round = 1 }: { sun?: number; round?: number }) {
  return (
    <g className="hills">
      <defs>
        <linearGradient id="hill-sides">
          <stop offset="0" stopColor="#fff" stopOpacity="0" />
          <stop offset=".22" stopColor="#fff" />
          <stop offset=".78" stopColor="#fff" />
          <stop offset="1" stopColor="#fff" stopOpacity="0" />
        </linearGradient>
        <linearGradient id="hill-fade" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="var(--wash)" stopOpacity=".95" />
          <stop offset="1" stopColor="var(--wash)" stopOpacity=".06" />
        </linearGradient>
        <mask id="hill-mask">
          <rect width="600" height="400" fill="url(#hill-sides)" />
        </mask>
      </defs>
      <ellipse className="sun" cx={sun} cy="92" rx={36} ry={36 / round} />
      <g mask="url(#hill-mask)" fill="url(#hill-fade)">
        <path
          opacity=".55"
          d="M-20 250C40 212 80 190 120 200c34 8 52-22 96-52 30-20 50-26 76 4 26 30 44 44 84 30 46-16 70-58 104-50 44 12 80 66 140 88v130H-20z"
        />
        <path
          opacity=".9"
          d="M-20 300c60-34 96-50 150-38 50 12 74-34 128-36 52-2 66 44 122 40 50-4 74-46 124-40 46 6 66 40 116 52v72H-20z"
        />
      </g>
    </g>
  );
}

/** A hand that comes in from the right with its sleeve; the thumb's tip is at (0, 0). */
export function Hand({ x, y, turn = 0 }: { x: number; y: number; turn?: number }) {
  return (
    <g transform={`translate(${x} ${y}) rotate(${turn})`}>
      <path
        className="line skin"
        d="M4-8C20-20 30-34 46-48c18-15 44-20 74-16l26 66c-30 8-56 10-76 4C52 10 36 20 18 22-4 24-12 4 4-8z"
      />
      <path className="line thin" d="M60-22C50-12 42-6 32-2" />
      <path className="line sleeve" d="M112-76 250-112l44 106-138 34c-18-30-34-66-44-104z" />
      <path className="line thin" d="M128-80c10 38 24 74 42 104" />
    </g>
  );
}

/** An identity card, 230 by 145 around its middle. */
export function CardPicture() {
  return (
    <g>
      <rect className="line card-face" x="-115" y="-72" width="230" height="144" rx="13" />
      <path className="line thin" d="M-88-36h62M-88-10h84M-88 14h70M-88 44h112" />
      <circle className="line thin tint" cx="66" cy="-24" r="17" />
      <path className="line thin tint" d="M36 30c3-24 14-33 30-33s27 9 30 33z" />
    </g>
  );
}

/** A printed certificate with its seal, 150 by 190 from its top middle. */
export function Sheet({ height = 190 }: { height?: number }) {
  return (
    <g>
      <path className="line sheet-face" d={`M-75 0H75V${height}H-75z`} />
      <path className="line thin" d="M-32 28h64M-52 54h104M-52 76h104M-52 98h60" />
      {height > 150 && (
        <g className="seal-stamp">
          <circle cx="34" cy={height - 48} r="24" />
          <path
            d={`M34 ${height - 60}l3.6 8 8.6.9-6.4 5.8 1.8 8.5-7.6-4.3-7.6 4.3 1.8-8.5-6.4-5.8 8.6-.9z`}
          />
        </g>
      )}
    </g>
  );
}
