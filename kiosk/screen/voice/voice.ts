import type { Snapshot } from '../../bridge/index.ts';

/** The one voice of the page: plays the sentence's clip, and is quiet when there is none or it may not play. */
export class Voice {
  readonly #audio: HTMLAudioElement;
  #said = '';

  constructor(audio: HTMLAudioElement) {
    this.#audio = audio;
  }

  /** Says the sentence of a page once: when the page, the sentence or the language changes. */
  follow(snapshot: Snapshot): void {
    const { language } = snapshot.settings;
    const said = `${snapshot.page} ${snapshot.say.key} ${language}`;
    if (said === this.#said) return;
    this.#said = said;
    this.#play(snapshot.say.clip[language]);
  }

  /** Says it again, from the start. */
  repeat(snapshot: Snapshot): void {
    this.#play(snapshot.say.clip[snapshot.settings.language]);
  }

  /** Stops in mid-word and forgets what was said. */
  hush(): void {
    this.#said = '';
    this.#play(null);
  }

  #play(clip: string | null): void {
    this.#audio.pause();
    if (clip === null) {
      this.#audio.removeAttribute('src');
      return;
    }
    this.#audio.src = clip;
    this.#audio.currentTime = 0;
    // A browser may refuse to play before the first touch; the caption is on the page either way.
    this.#audio.play().catch(() => undefined);
  }
}
