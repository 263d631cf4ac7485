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
