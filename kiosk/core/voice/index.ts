/** What to say when: the clips of the sentences, rendered ahead of time. */
export { clipName, type VoiceClips, voiceClips } from './clips.ts';
