import { describe, expect, it } from "vitest";
import {
  redacted,
  safeEnvironment,
  withoutSecrets,
} from "../../../daemon/lineage/safe-environment.ts";

describe("safeEnvironment", () => {
  it("keeps what decides how a program works, by name", () => {
    const kept = {
      CONDA_PREFIX: "/opt/conda",
      CUDA_VISIBLE_DEVICES: "0,1",
      LC_ALL: "C.UTF-8",
      OMP_NUM_THREADS: "4",
      PATH: "/usr/bin:/bin",
      PYTHONPATH: "/work/lib",
      VIRTUAL_ENV: "/work/venv",
    };
    expect(safeEnvironment({ ...kept, HOME: "/home/ada", EDITOR: "vi" })).toEqual(kept);
  });

  it.each([
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "HF_TOKEN",
    "OPENAI_API_KEY",
    "PGPASSWORD",
    "SSH_AUTH_SOCK",
    "WANDB_API_KEY",
  ])("security: never keeps %s", (name) => {
    expect(safeEnvironment({ [name]: "harmless" })).toEqual({});
  });

  it.each([
    ["an address with a password", "https://ada:lovelace@pypi.example.org/simple"],
    ["a key", "sk-proj-abcdefghijklmnop0123456789"],
    ["a token of a forge", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
    ["a JSON web token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0"],
    ["a PEM", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"],
  ])("security: leaves out the value of a known variable that holds %s", (_what, value) => {
    expect(safeEnvironment({ PYTHONPATH: value })).toEqual({ PYTHONPATH: redacted });
  });
});

describe("withoutSecrets", () => {
  it("security: tells that a step sets a secret, and not which", () => {
    expect(withoutSecrets({ WANDB_API_KEY: "0123", DB_PASSWORD: "x", SEED: "7" })).toEqual({
      DB_PASSWORD: redacted,
      SEED: "7",
      WANDB_API_KEY: redacted,
    });
  });

  it("cuts a value that nobody reads to its end", () => {
    const { LONG = "" } = withoutSecrets({ LONG: "x".repeat(10_000) });
    expect(LONG).toHaveLength(4096);
  });
});
