// Stands for a process whose native module has written over its memory: it says what makes no sense, then the truth.
process.on('message', (message: { type: string; id: number }) => {
  const nonsense: unknown[] = [
    null,
    'opened',
    7,
    { type: 'opened' },
    { type: 'opened', id: 'one' },
    { type: 'opened', id: message.id + 1000 },
    { type: 'data', id: message.id, bytes: 'text' },
    { type: 'ended', id: message.id, reason: 5 },
    { type: 'written', id: message.id, write: 99 },
    { type: 'launch', id: message.id },
    { type: 'ports', id: message.id, ports: [{ config: { kind: 'teleport' } }] },
  ];
  for (const each of nonsense) process.send?.(each);
  if (message.type === 'open')
    process.send?.({ type: 'refused', id: message.id, reason: 'busy telling lies' });
});
process.on('disconnect', () => process.exit(0));
