import { define } from "../context.ts";

/** What is kept, what it takes, what it saved. */
export const cacheStats = define("cache.stats", (_, { upkeep }) => upkeep.stats());
