import type { Orientation } from '../theme/millimetres.ts';
import { CardPicture, Hand, Hills, Scene } from './scene.tsx';

interface LayCardProps {
  readonly state?: 'ready' | 'reading' | 'unavailable' | 'take';
  /** With hills and a sun behind: the first thing a passer-by sees. */
  readonly landscape?: Orientation;
}

/** Lay the card where the light is on; or leave it there, or take it away. */
export function LayCard({ state = 'ready', landscape }: LayCardProps) {
  const lying = state === 'reading';
  const dark = state === 'unavailable';
  return (
    <Scene above={landscape === 'portrait' ? 150 : 0}>
      <defs>
        <radialGradient id="lamp-light">
          <stop offset="0" stopColor="var(--lamp)" stopOpacity="1" />
          <stop offset=".55" stopColor="var(--lamp)" stopOpacity=".55" />
          <stop offset="1" stopColor="var(--lamp)" stopOpacity="0" />
        </radialGradient>
      </defs>
      {landscape === 'landscape' && <Hills />}
      {landscape === 'portrait' && (
        <g transform="translate(-30 -180) scale(1.1 1.38)">
          <Hills sun={130} round={1.38 / 1.1} />
        </g>
      )}
      <path
        className="line slab"
        d="M92 272h416c6 0 10 3 13 8l52 78c4 7 1 12-7 12H34c-8 0-11-5-7-12l52-78c3-5 7-8 13-8z"
      />
      <path
        className="line slab-edge"
        d="M26 366v12c0 7 4 11 11 11h526c7 0 11-4 11-11v-12c-2 3-4 4-8 4H34c-4 0-6-1-8-4z"
      />
      {!dark && <ellipse cx="300" cy="320" rx="220" ry="74" fill="url(#lamp-light)" />}
      <g transform="translate(300 322) scale(1 .46)">
        <rect
          className={dark ? 'line spot dark' : 'line spot'}
          x="-138"
          y="-84"
          width="276"
          height="168"
          rx="26"
        />
      </g>
      {!dark && <path className="line ray" d="M112 300 84 288M488 300l28-12M128 344l-34 6M472 344l34 6" />}
      {lying ? (
        <g transform="translate(300 318) scale(1 .46)">
          <CardPicture />
        </g>
      ) : (
        <g className={state === 'take' ? 'lift-once' : dark ? '' : 'lay-once'}>
          <g transform="translate(286 176) rotate(-5) scale(1 .74)">
            <CardPicture />
          </g>
          {!dark && <Hand x={366} y={196} turn={-8} />}
        </g>
      )}
      {!lying && !dark && (
        <path
          className="line arrow"
          d={state === 'take' ? 'M300 346v-46m-19 18 19-18 19 18' : 'M300 298v46m-19-18 19 18 19-18'}
        />
      )}
    </Scene>
  );
}
