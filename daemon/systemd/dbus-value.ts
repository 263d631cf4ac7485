import variantModule from "dbus-next/lib/variant.js";

const { Variant } = variantModule;

/** A value as it comes off the bus: variants are unpacked, `t` and `x` are bigint, dictionaries objects. */
export type DbusValue =
  string | number | bigint | boolean | readonly DbusValue[] | { readonly [key: string]: DbusValue };

/** A value on its way out that says its own type, as every systemd property must. */
export type DbusVariant = InstanceType<typeof Variant>;

/** A value as calls take it. */
export type DbusArgument =
  DbusValue | DbusVariant | readonly DbusArgument[] | { readonly [key: string]: DbusArgument };

/** Wraps a value with its D-Bus signature. */
export function variant(signature: string, value: DbusValue): DbusVariant {
  return new Variant(signature, value);
}

/** Unpacks what dbus-next hands out, nested variants too. */
export function plainValue(value: unknown): DbusValue {
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Variant) return plainValue(value.value);
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    case "object":
      return Object.fromEntries(
        Object.entries(value ?? {}).map(([key, member]) => [key, plainValue(member)]),
      );
    default:
      return String(value);
  }
}

/** The text that a D-Bus signature promised; empty where the peer broke that promise. */
export function textOf(value: DbusValue | undefined): string {
  return typeof value === "string" ? value : "";
}
