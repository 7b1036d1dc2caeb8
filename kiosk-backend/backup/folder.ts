import { open } from 'node:fs/promises';

/** Makes new names in a folder last, too, where the system can be asked for that. */
export async function settled(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
