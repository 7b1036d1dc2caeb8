import { Scene } from './scene.tsx';

/** The neighbourhood: a few roofs, a tree, a lantern. */
export function Street() {
  return (
    <Scene height={230}>
      <circle className="sun" cx="486" cy="56" r="24" />
      <path
        className="wash"
        d="M10 206c60-60 96-84 150-60 40 18 62-62 120-72 54-8 72 62 120 56 62-8 90-34 190 76z"
      />
      <path className="line slab" d="M96 132h128v74H96z" />
      <path className="line roof" d="M70 134c18-6 30-22 38-44h104c8 22 20 38 38 44z" />
      <path className="line sheet-face" d="M146 156h28v50h-28z" />
      <path className="line thin" d="M110 156h22v20h-22zM188 156h22v20h-22z" />
      <path className="line slab" d="M262 92h150v114H262z" />
      <path className="line roof" d="M232 94c20-6 34-26 44-52h122c10 26 24 46 44 52z" />
      <path
        className="line thin"
        d="M284 116h28v24h-28zM362 116h28v24h-28zM284 160h28v24h-28zM362 160h28v24h-28z"
      />
      <path className="line sheet-face" d="M322 150h30v56h-30z" />
      <path className="line" d="M494 206c2-30 0-46-4-62M491 170c8-6 14-10 20-18" />
      <path
        className="line leaf-crown"
        d="M452 138c-14-22 2-42 22-40 8-20 44-16 46 6 22 2 28 30 8 40-14 12-66 10-76-6z"
      />
      <path className="line thin" d="M242 96v20" />
      <path className="line lantern" d="M232 120c0-6 20-6 20 0 6 8 6 18 0 26 0 6-20 6-20 0-6-8-6-18 0-26z" />
      <path className="line" d="M24 206h552" />
    </Scene>
  );
}
