/** A measured number in a few characters: four digits that count, no more zeros than needed. */
export function formatNumber(value: number | string): string {
  if (typeof value === "string") return value;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const [digits = "", exponent] = value.toPrecision(4).split("e");
  const plain = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return exponent === undefined ? plain : `${plain}e${exponent.replace("+", "")}`;
}
