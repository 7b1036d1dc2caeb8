/** Commits that share transactions: who comes while others are being committed goes with the next group. */
export interface Groups<Item, Answer> {
  /** Answers when the item is on the disk. Rejects with what its own commit failed with, or {@link QueueFull}. */
  submit(item: Item): Promise<Answer>;
}

/** Too many wait already. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export interface GroupOptions<Item, Answer> {
  /** Commits all or none of them; one answer for each, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly weigh: (item: Item) => number;
  /** What a group weighs at most; one item alone may weigh more. */
  readonly mostWeight: number;
  /** How many groups are on their way at once. */
  readonly lanes: number;
  /** How many items may wait. */
  readonly mostWaiting: number;
  /** Whether a failed commit may be blamed on what was in it, so that each of a group is to be tried by itself. */
  readonly isolates: (error: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Nobody waits for others to come: an item that finds a lane free goes at once and alone. Only what comes while all
 * lanes are taken is gathered, so a wait is never longer than the commits before it.
 */
export function groupCommits<Item, Answer>(options: GroupOptions<Item, Answer>): Groups<Item, Answer> {
  const { commit, weigh, mostWeight, lanes, mostWaiting, isolates } = options;
  const queue: Waiting<Item, Answer>[] = [];
  let running = 0;

  const nextGroup = (): Waiting<Item, Answer>[] => {
    let weight = 0;
    let count = 0;
    for (const { item } of queue) {
      weight += weigh(item);
      if (count > 0 && weight > mostWeight) break;
      count += 1;
    }
    return queue.splice(0, count);
  };

  const commitGroup = async (group: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await commit(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('A commit did not answer for all'));
        else resolve(answer);
      }
    } catch (error) {
      if (group.length > 1 && isolates(error)) for (const one of group) await commitGroup([one]);
      else for (const { reject } of group) reject(error);
    }
  };

  const run = async (): Promise<void> => {
    running += 1;
    while (queue.length > 0) await commitGroup(nextGroup());
    running -= 1;
  };

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        if (queue.length >= mostWaiting) return reject(new QueueFull());
        queue.push({ item, resolve, reject });
        if (running < lanes) void run();
      }),
  };
}
