import { create } from 'zustand';
import type { DisplayProfile, Snapshot } from '../bridge/index.ts';

/** What the screen knows: whether the core is there, the latest snapshot and the display. Nothing older is kept. */
export interface ScreenState {
  readonly connected: boolean;
  readonly display: DisplayProfile | null;
  readonly snapshot: Snapshot | null;
}

/** Without a connection nothing personal stays on the page: the snapshot goes with it. */
export const nothingKnown: ScreenState = { connected: false, display: null, snapshot: null };

export const useScreen = create<ScreenState>()(() => nothingKnown);
