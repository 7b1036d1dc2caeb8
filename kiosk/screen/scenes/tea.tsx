import { Hills, Scene } from './scene.tsx';

/** A cup of tea before the hills: it is done, go well. */
export function Tea() {
  return (
    <Scene>
      <Hills sun={452} />
      <path
        className="line steam"
        d="M262 150c-18-22 16-34 0-60M304 146c-18-24 16-38 0-68M346 150c-18-22 16-34 0-60"
      />
      <path className="line card-face" d="M192 186h220c0 88-30 146-84 156h-52c-54-10-84-68-84-156z" />
      <path className="line" d="M410 214c40-12 62 6 56 36-6 28-36 42-72 36" />
      <path className="line tea" d="M200 186c30-16 174-16 204 0-30 16-174 16-204 0z" />
      <path className="line thin jade-line" d="M232 262c26-22 44 8 70-12s46 10 70-6" />
      <path
        className="line slab"
        d="M136 350c60-16 268-16 328 0 6 2 6 8 0 10-70 22-258 22-328 0-6-2-6-8 0-10z"
      />
    </Scene>
  );
}
