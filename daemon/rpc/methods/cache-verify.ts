import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** Reads every artifact and takes what is not as it was made out of the cache. */
export const cacheVerify = define("cache.verify", async (_, { upkeep }) => {
  const verified = await upkeep.verify();
  if (!verified.ok) return verified;
  const { artifacts, files, bytes, rotten } = verified.value;
  return ok({ artifacts, files, bytes, rotten: [...rotten] });
});
