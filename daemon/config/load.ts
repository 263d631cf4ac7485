import { z } from "zod";
import { failure, type Failure } from "../domain/failure.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { DaemonConfig, RetentionPolicy } from "./config.ts";
import { divideMemory } from "./memory.ts";
import { notifyPolicy } from "./notify.ts";
import { defaultConfigFile, placePaths, type Owner } from "./paths.ts";
import {
  defaultOf,
  isSettingKey,
  settings,
  type Setting,
  type SettingKey,
  type Values,
} from "./settings.ts";
import { readFlags, readToml, readVariables, type GivenSettings } from "./sources.ts";

/** What the configuration is made from; nothing else is looked at. */
export interface ConfigSources extends Owner {
  /** As commander gives them: `stateDir` for `--state-dir`. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The text of a file, `undefined` when there is none, or a word for why it cannot be read. */
  readonly readFile: (path: string) => Result<string | undefined, string>;
  readonly memTotalBytes: number;
}

/**
 * Makes the configuration: defaults, then blut.toml, then `BLUT_` variables, then flags. Refuses with
 * `invalid-config`, its message naming every problem at once, a line each.
 */
export function loadConfig(sources: ConfigSources): Result<DaemonConfig, Failure> {
  const problems: string[] = [];
  const given: GivenSettings = new Map();
  for (const key of Object.keys(settings).filter(isSettingKey)) giveDefault(key, given);
  const configFile = readConfig(sources, given, problems);
  problems.push(...readVariables(sources.env, given));
  readFlags(sources.flags, given);
  const values = checkOneByOne(given, problems);
  const config = combine(sources, values, configFile, problems);
  if (problems.length === 0) return ok(config);
  const [first = ""] = problems;
  const message =
    problems.length === 1
      ? `the configuration cannot be used: ${first}`
      : [`the configuration has ${problems.length} problems:`, ...problems].join("\n  ");
  return err(
    failure("invalid-config", message, "correct what is named and start again", {
      data: { problems: problems.length },
    }),
  );
}

/** Reads the file into `given`; answers its path. One that was named must be there, the default need not. */
function readConfig(sources: ConfigSources, given: GivenSettings, problems: string[]): string {
  const named = sources.flags["config"] ?? (sources.env["BLUT_CONFIG"] || undefined);
  const where = sources.flags["config"] === undefined ? "BLUT_CONFIG" : "--config";
  if (named !== undefined && !named.startsWith("/")) {
    problems.push(`${where}: ${shown(named)}, expected an absolute path`);
    return named;
  }
  const file = named ?? defaultConfigFile(sources);
  if (file === undefined) return "";
  const text = sources.readFile(file);
  if (!text.ok) problems.push(`${file} cannot be read: ${text.error}`);
  else if (text.value !== undefined) problems.push(...readToml(text.value, file, given));
  else if (named !== undefined) problems.push(`${where}: there is no file ${file}`);
  return file;
}

/** Puts a setting back to what it is when nobody sets it. */
function giveDefault(key: SettingKey, given: GivenSettings): void {
  const value = defaultOf(key);
  if (value === undefined) given.delete(key);
  else given.set(key, { value, where: "default" });
}

type Shape = { [K in SettingKey]: z.ZodOptional<(typeof settings)[K]["read"]> };

/** Reads each value by its own grammar; one that does not read is a problem, its default goes on. */
function checkOneByOne(given: GivenSettings, problems: string[]): Values {
  const shape = Object.fromEntries(
    Object.entries(settings).map(([key, { read }]) => [key, read.optional()]),
  ) as unknown as Shape;
  const entries = [...given].map(([key, { value }]) => [key, value] as const);
  const read = z.object(shape).safeParse(Object.fromEntries(entries));
  if (read.success) return read.data as Values;
  const wrong = new Set(read.error.issues.map(({ path }) => String(path[0])).filter(isSettingKey));
  for (const key of wrong) {
    const { value, where } = given.get(key) ?? { value: undefined, where: key };
    const { expected, isPrivate }: Setting = settings[key];
    const what = isPrivate === true ? "what is set" : shown(value);
    problems.push(`${where}: ${what}, expected ${expected}`);
    giveDefault(key, given);
  }
  return checkOneByOne(given, problems);
}

/** Puts the values where they belong and refuses what cannot be meant together. */
function combine(
  sources: ConfigSources,
  values: Values,
  configFile: string,
  problems: string[],
): DaemonConfig {
  const config: DaemonConfig = {
    settings: values,
    containment: values.containment,
    paths: placePaths(sources, values, configFile, problems),
    memory: divideMemory(values, sources.memTotalBytes, problems),
    cpus: values["cpus.total"] === undefined ? {} : { total: values["cpus.total"] },
    gpus: {
      ...(values["gpus.devices"] !== undefined && { devices: values["gpus.devices"] }),
      share: values["gpus.share"],
      unifiedShare: values["gpus.unified-share"],
    },
    pools: values.pools ?? {},
    retry: {
      outOfMemory: values["retry.out-of-memory"],
      failure: values["retry.failure"],
      lost: values["retry.lost"],
      timeout: values["retry.timeout"],
      diverged: values["retry.diverged"],
    },
    backoff: {
      firstMs: values["backoff.first"],
      factor: values["backoff.factor"],
      longestMs: values["backoff.longest"],
    },
    graceMs: values.grace,
    log: { level: values["log.level"] },
    output: {
      capBytes: values["output.cap"],
      headBytes: values["output.head"],
    },
    events: { keep: values["events.keep"] },
    retention: retentionOf(values),
    admission: {
      maxPasses: values["admission.max-passes"],
      pressureStopPercent: values["admission.pressure-stop"],
      pressureResumePercent: values["admission.pressure-resume"],
      sampleMaxAgeMs: values["admission.sample-max-age"],
    },
    notify: notifyPolicy(values, problems),
    metrics:
      values["metrics.textfile"] === undefined ? {} : { textFile: values["metrics.textfile"] },
  };
  problems.push(...contradictions(config));
  return config;
}

function retentionOf(values: Values): RetentionPolicy {
  const diskLow = values["retention.disk-low"];
  return {
    runs: {
      ageMs: values["retention.run-age"],
      count: values["retention.run-count"],
      bytes: values["retention.run-size"],
    },
    logs: {
      ageMs: values["retention.log-age"],
      count: values["retention.log-count"],
      bytes: values["retention.log-size"],
    },
    events: { ageMs: values["retention.event-age"], bytes: values["retention.event-size"] },
    cache: { ageMs: values["retention.cache-age"], bytes: values["retention.cache-size"] },
    keepLast: values["retention.keep-last"],
    ...(diskLow !== undefined && { diskLow }),
  };
}

function contradictions({ admission, backoff, output }: DaemonConfig): string[] {
  const problems: string[] = [];
  if (admission.pressureResumePercent > admission.pressureStopPercent) {
    problems.push("admission.pressure-resume is above admission.pressure-stop: expected below it");
  }
  if (backoff.firstMs > backoff.longestMs) {
    problems.push("backoff.first is longer than backoff.longest: expected shorter");
  }
  if (output.headBytes >= output.capBytes) {
    problems.push("output.head is not below output.cap: the head is a part of what is kept");
  }
  return problems;
}

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
