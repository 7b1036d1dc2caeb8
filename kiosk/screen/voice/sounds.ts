/** A tone: frequency in hertz, start and length in seconds. */
interface Tone {
  readonly hertz: number;
  readonly at: number;
  readonly seconds: number;
  readonly shape: OscillatorType;
}

/** tap: a soft wooden tap · done: two rising notes · look: one low note. */
const sounds = {
  tap: [{ hertz: 420, at: 0, seconds: 0.05, shape: 'triangle' }],
  done: [
    { hertz: 523, at: 0, seconds: 0.22, shape: 'sine' },
    { hertz: 784, at: 0.16, seconds: 0.32, shape: 'sine' },
  ],
  look: [{ hertz: 220, at: 0, seconds: 0.35, shape: 'sine' }],
} as const satisfies Record<string, readonly Tone[]>;

export type Sound = keyof typeof sounds;

/** Well under the voice. */
const loudness = 0.08;

let context: AudioContext | null = null;

/** Plays one of the three sounds, or nothing where the browser does not allow it yet. */
export function play(sound: Sound): void {
  context ??= new AudioContext();
  if (context.state === 'suspended') context.resume().catch(() => undefined);
  for (const tone of sounds[sound]) {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const start = context.currentTime + tone.at;
    oscillator.type = tone.shape;
    oscillator.frequency.value = tone.hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + 0.006);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + tone.seconds);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + tone.seconds + 0.02);
  }
}
