// Several records in one: names carry a prefix that says which they belong to.

export const withPrefix = <T>(
  prefix: string,
  record: Readonly<Record<string, T>>,
): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

/** What has the prefix, without it. */
export const withoutPrefix = <T>(
  prefix: string,
  record: Readonly<Record<string, T>>,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
