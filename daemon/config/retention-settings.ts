import { amount, duration, size, unlimited, whole } from "./values.ts";

const anAge = { read: unlimited(duration), expected: "a duration such as 30d, or unlimited" };
const aMost = {
  read: unlimited(whole(0, 1_000_000_000)),
  expected: "a whole number from 0 to 1000000000, or unlimited",
};
const aRoom = { read: unlimited(size), expected: "a size such as 10G, or unlimited" };

/** What is kept, and for how long: a part of the table of settings. */
export const retentionSettings = {
  "retention.run-age": {
    ...anAge,
    summary: "a run that ended longer ago is collected",
    default: "90d",
  },
  "retention.run-count": {
    ...aMost,
    summary: "ended runs kept, the oldest go first",
    default: 10_000,
  },
  "retention.run-size": {
    ...aRoom,
    summary: "what the directories of ended runs may take, logs going before runs",
    default: "20G",
  },
  "retention.log-age": {
    ...anAge,
    summary: "logs of a run that ended longer ago are collected, and whatever else it left",
    default: "30d",
  },
  "retention.log-count": {
    ...aMost,
    summary: "ended runs whose logs are kept",
    default: "unlimited",
  },
  "retention.log-size": {
    ...aRoom,
    summary: "what the logs of ended runs may take",
    default: "10G",
  },
  "retention.event-age": {
    ...anAge,
    summary: "an event that is older is collected",
    default: "90d",
  },
  "retention.event-size": {
    ...aRoom,
    summary: "what the events may take, besides events.keep",
    default: "unlimited",
  },
  "retention.cache-age": {
    ...anAge,
    summary: "an artifact that was not used for longer is pruned",
    default: "unlimited",
  },
  "retention.cache-size": {
    ...aRoom,
    summary: "what the artifacts may take, the longest unused going first",
    default: "unlimited",
  },
  "retention.keep-last": {
    read: whole(0, 1000),
    expected: "a whole number from 0 to 1000",
    summary:
      "newest ended runs of each name that stay whatever their age, and go last by count and size",
    default: 3,
  },
  "retention.disk-low": {
    read: amount,
    expected: "a size such as 4G, or a share of the disk such as 5%",
    summary: "free disk space below which nothing new starts",
    otherwise: "2% of the disk, and 1G at most",
  },
} as const;
