// Preloaded into a daemon: at SIGUSR2 its event loop never turns again.
process.on("SIGUSR2", () => {
  for (;;);
});
