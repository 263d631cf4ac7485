import type { JsonText } from "./json-column.ts";

/** `Row` as its table holds it: what may be absent is NULL, and the fields named `Json` are text. */
export type Columns<Row, Json extends keyof Row = never> = {
  readonly [K in keyof Row]-?:
    | (K extends Json ? JsonText<Exclude<Row[K], undefined>> : Exclude<Row[K], undefined>)
    | (undefined extends Row[K] ? null : never);
};

type NullableKeys<T> = { [K in keyof T]-?: null extends T[K] ? K : never }[keyof T];

/** `T` with every column that may be NULL turned into an optional field. */
export type Present<T> = Omit<T, NullableKeys<T>> & {
  [K in NullableKeys<T>]?: Exclude<T[K], null>;
};

/** Drops the fields that are NULL: in SQL what is not known is NULL, in our types it is absent. */
export function present<T extends object>(columns: T): Present<T> {
  return Object.fromEntries(
    Object.entries(columns).filter(([, value]) => value !== null),
  ) as unknown as Present<T>;
}
