// Stands for a process that never gets as far as to say anything.
setInterval(() => {}, 60_000);
process.on('disconnect', () => process.exit(0));
