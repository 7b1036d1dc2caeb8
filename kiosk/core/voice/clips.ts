import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type Language, languages } from '../../bridge/index.ts';

/** The name of a sentence's clip, without extension: the first 16 hex digits of the SHA-256 of its text. */
export function clipName(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 16);
}

export interface VoiceClips {
  /** Where the page finds the clip of a sentence (`/voice/zh-CN/….opus`), or null when there is none. */
  clipFor(language: Language, text: string): string | null;
}

/** The clips below `folder` (assets/voice), one folder per language; read once. */
export function voiceClips(folder: string): VoiceClips {
  const present = new Set(
    languages.flatMap((language) => clipsIn(folder, language).map((name) => `${language}/${name}.opus`)),
  );
  return {
    clipFor(language, text) {
      const clip = `${language}/${clipName(text)}.opus`;
      return present.has(clip) ? `/voice/${clip}` : null;
    },
  };
}

/** The names of the clips that are there in one language. */
export function clipsIn(folder: string, language: Language): readonly string[] {
  const place = path.join(folder, language);
  if (!existsSync(place)) return [];
  return readdirSync(place).flatMap((file) => (file.endsWith('.opus') ? [path.basename(file, '.opus')] : []));
}
