// Preloaded into a daemon: throws where nobody catches, at SIGUSR2.
process.on("SIGUSR2", () => {
  throw new Error("thrown as told");
});
