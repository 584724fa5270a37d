// Numbers and names as the page writes them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `12,345` */
export const figure = (value: number): string => whole.format(value);

/** `1 record`, `12,345 records` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${figure(value)} ${value === 1 ? one : many}`;

/** `source-xero` as it is; of a program's path its last part. */
export const connectorName = (connector: string): string => connector.split('/').at(-1) ?? connector;

export const pipelineLink = (name: string): string => `/pipelines/${encodeURIComponent(name)}`;
export const jobLink = (id: number): string => `/jobs/${id}`;

/** The path with those parameters that have a value. */
export function linkTo(
  path: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
