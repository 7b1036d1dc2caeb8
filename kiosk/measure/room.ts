/** What a measurement is given. */
export interface Room {
  /** Its own, on the disk where the kiosk keeps its data; removed afterwards. */
  readonly folder: string;
  /** Progress, in words. */
  readonly say: (sentence: string) => void;
  /** Takes what has to end, and to be waited for, when somebody interrupts. */
  readonly onInterrupt: (end: () => Promise<void>) => void;
}
