import fc from "fast-check";
import { expect, it } from "vitest";
import { formatBytes } from "../../../daemon/domain/quantity.ts";

it.each([
  [0, "0 B"],
  [512, "512 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1.5 * 1024 ** 3, "1.5 GiB"],
  [1.2345 * 1024 ** 3, "1.23 GiB"],
  [12.345 * 1024 ** 2, "12.3 MiB"],
  [1000 * 1024 ** 2, "1000 MiB"],
  [1023.9 * 1024 ** 2, "1 GiB"],
  [1024 ** 5, "1 PiB"],
  [5000 * 1024 ** 5, "5000 PiB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it("is right to three digits and never longer than four", () => {
  const factors = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, PiB: 2 ** 50 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1024 ** 5 }), (bytes) => {
      const [, amount = "", unit = ""] = /^([\d.]+) (\w+)$/.exec(formatBytes(bytes)) ?? [];
      const read = Number(amount) * (factors[unit as keyof typeof factors] || NaN);
      expect(Math.abs(read - bytes) / bytes).toBeLessThan(0.0051);
      expect(amount.replace(".", "").length).toBeLessThanOrEqual(4);
    }),
  );
});
