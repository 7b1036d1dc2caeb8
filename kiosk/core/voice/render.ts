import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Language } from '../../bridge/index.ts';
import type { Lexicon } from './lexicon.ts';
import { createReader } from './pinyin.ts';
import type { Sentence } from './sentences.ts';

const run = promisify(execFile);

/** Speaks a sentence into a WAV file. */
export type Engine = (language: Language, text: string, wav: string) => Promise<void>;

/** espeak-ng, a little slower than it speaks by itself (175 words a minute). */
export function espeak(lexicon: Lexicon): Engine {
  const read = createReader(lexicon);
  return async (language, text, wav) => {
    const [voice, words] = language === 'zh-CN' ? ['cmn-latn-pinyin', read(text)] : ['en-gb', text];
    await run('espeak-ng', ['-v', voice, '-s', '150', '-w', wav, '--', words]);
  };
}

/** Any other program: `{language}`, `{text}` and `{file}` (the WAV to write) are filled in. */
export function commandEngine(template: string): Engine {
  const [program = '', ...args] = template.split(/\s+/).filter((word) => word !== '');
  return async (language, text, wav) => {
    const values: Record<string, string> = { '{language}': language, '{text}': text, '{file}': wav };
    await run(
      program,
      args.map((word) => values[word] ?? word),
    );
  };
}

/** To Opus, mono, 24 kbit/s; the same sound gives the same bytes. */
async function encode(wav: string, opus: string): Promise<void> {
  try {
    await run('opusenc', ['--quiet', '--bitrate', '24', '--downmix-mono', '--serial', '1', wav, opus]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const sound = [
      '-ac',
      '1',
      '-c:a',
      'libopus',
      '-b:a',
      '24k',
      '-map_metadata',
      '-1',
      '-fflags',
      '+bitexact',
    ];
    await run('ffmpeg', ['-v', 'error', '-y', '-i', wav, ...sound, opus]);
  }
}

/** Renders clips into `folder`/<language>/<clip>.opus; each appears only when it is whole. */
export async function renderClips(
  sentences: readonly Sentence[],
  folder: string,
  engine: Engine,
  onClip: (sentence: Sentence) => void,
): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'huimin-voice-'));
  try {
    for (const sentence of sentences) {
      const wav = path.join(work, 'clip.wav');
      await engine(sentence.language, sentence.text, wav);
      const place = path.join(folder, sentence.language);
      mkdirSync(place, { recursive: true });
      const whole = path.join(place, `${sentence.clip}.opus`);
      await encode(wav, `${whole}.new`);
      renameSync(`${whole}.new`, whole);
      onClip(sentence);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
