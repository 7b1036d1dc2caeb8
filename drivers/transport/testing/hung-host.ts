// Stands for a native module that never comes back: asked to open a port this process stops answering for good, or,
// when the port is called "opens", at the first thing it is asked afterwards.
process.send?.({ type: 'ready', id: 0 });
process.on('message', ({ type, id, config }: { type: string; id: number; config?: { path: string } }) => {
  if (type === 'open' && config?.path === 'opens') process.send?.({ type: 'opened', id });
  else for (;;);
});
process.on('disconnect', () => process.exit(0));
