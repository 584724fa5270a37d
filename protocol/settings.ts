// Settings that several sources have, word for word the same: fragments of their connectionSpecification.

/** Where the newest refresh token is kept; `example` is a path. The passphrase comes right after it. */
export const tokenStoreSettings = (example: string, order: number) =>
  ({
    token_store: {
      type: 'string',
      title: 'Token store',
      description:
        'An encrypted file that keeps the newest refresh token where nothing saves it from the CONTROL messages: shells, cron, PyAirbyte.',
      examples: [example],
      order,
      group: 'connection',
    },
    token_store_key: {
      type: 'string',
      title: 'Token store passphrase',
      description: 'Empty: a random key is kept beside the file.',
      airbyte_secret: true,
      order: order + 1,
      group: 'connection',
    },
  }) as const;

/** Which months of reports are read. */
export const reportMonthSettings = {
  from: {
    type: 'string',
    title: 'First month',
    description: 'Any day of it. Default: a year back, or the start date if that is later.',
    format: 'date',
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    pattern_descriptor: 'YYYY-MM-DD',
    examples: ['2025-01-01'],
    order: 0,
  },
  refresh_months: {
    type: 'integer',
    title: 'Months to refresh',
    description: 'So many of the latest months are read again each time, as late entries change them.',
    minimum: 1,
    maximum: 120,
    default: 3,
    order: 1,
  },
} as const;
