import { Scene } from './scene.tsx';

/** A face in the camera's frame: look here. */
export function Look() {
  return (
    <Scene>
      <rect className="line slab" x="150" y="20" width="300" height="360" rx="26" />
      <circle className="line lens" cx="300" cy="56" r="15" />
      <circle className="lens-pupil" cx="300" cy="56" r="6" />
      <rect className="line sheet-face" x="178" y="92" width="244" height="262" rx="14" />
      <path className="line thin tint" d="M198 352c6-52 44-74 102-74s96 22 102 74z" />
      <path className="line skin" d="M274 262v28c8 14 44 14 52 0v-28z" />
      <path className="line skin" d="M246 194c0 50 22 84 54 84s54-34 54-84c0-36-22-56-54-56s-54 20-54 56z" />
      <path
        className="line hair"
        d="M242 206c-8-54 16-88 60-88 42 0 66 34 56 88-6-22-14-36-26-44-22 10-54 12-72 4-8 10-14 22-18 40z"
      />
      <path className="line" d="M272 210v8M328 210v8M278 244c12 12 32 12 44 0" />
      <path className="line corner" d="M200 150v-30h30M370 120h30v30M200 300v30h30M370 330h30v-30" />
    </Scene>
  );
}
