import { expect, test } from "vitest";
import { DueTimes } from "../../../daemon/timers/due-times.ts";
import { seededRandom } from "../../fuzz/mutate.ts";

test("whatever is set and taken, the earliest comes first, once, and nothing is left behind", () => {
  const random = seededRandom(1);
  const due = new DueTimes();
  const plain = new Map<string, number>();
  for (let step = 0; step < 20_000; step++) {
    const name = `s${random(300)}`;
    const at = random(1000);
    if (random(10) === 0) {
      due.set(name, undefined);
      plain.delete(name);
    } else {
      due.set(name, at);
      plain.set(name, at);
    }
    if (random(20) !== 0) continue;
    const now = random(1000);
    const wanted = [...plain].filter(([, its]) => its <= now).sort(([, a], [, b]) => a - b);
    const taken = due.take(now, 5);
    expect(taken.map((each) => plain.get(each))).toEqual(wanted.slice(0, 5).map(([, its]) => its));
    for (const each of taken) plain.delete(each);
    const least = Math.min(...plain.values());
    expect(due.first()?.at ?? Infinity).toBe(least);
  }
});
